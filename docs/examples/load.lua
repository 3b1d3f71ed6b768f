-- The requests of wrk to the example server: mostly orders, some stock, and some unknown items.
local number = 0

function request()
  number = number + 1
  local item = number * 7919 % 1050 -- the shop has 1000 items; the rest answer 404
  if number % 10 == 0 then
    return wrk.format("GET", "/nothing-here")
  elseif number % 3 == 0 then
    return wrk.format("GET", "/stock?item=" .. item)
  end
  return wrk.format("GET", "/order?item=" .. item .. "&count=" .. (1 + number % 9))
end
