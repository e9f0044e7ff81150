# Attention of decoder.ts for evaluation by matrix products: softmax over blocks of keys, whose sums are kept
# from block to block. Needs attention_scale(), by which scores are multiplied, and the methods of scores.ts or
# scores-capped.ts.
#
# Memory is linear in length. Blocks above the diagonal or before the window are left out. Only blocks on
# these two borders are masked.

# Values [T, w] of keys lo ... e as blocks [n, w + 1, size], transposed; a row of ones after the values makes
# their product the sum of the weights. Block j begins at key origin + j size.
def value_blocks(self: __torch__.Decoder, v: Tensor, lo: int, e: int, origin: int, size: int) -> Tensor:
  w = torch.size(v, 1)
  n = torch.floordiv(e - origin + size - 1, size)
  blocks = torch.new_ones(v, [n, w + 1, size])
  for j in range(n):
    at = origin + j * size
    a = ops.prim.max(lo, at)
    b = ops.prim.min(e, at + size)
    _0 = torch.copy_(torch.slice(torch.slice(torch.select(blocks, 0, j), 0, 0, w, 1), 1, a - at, b - at, 1), torch.t(torch.slice(v, 0, a, b, 1)))
  return blocks

# One head on a CPU in float32: q [t, h] of positions s ... over k [T, h] and v [T, w]. Writes the output to o
# [t, w] and the log-sum-exp of each query's scores to lse [t].
#
# Sums 2 ** (score - score of the query's own key), in units of log2. So no pass looks for the greatest score,
# and the product subtracts as it adds a bias. A block of queries whose sums come near to overflow, because a
# score is 69 nats above that of the own key, is computed again by attend_online.
def attend_head(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, s: int, window: int, o: Tensor, lse: Tensor) -> NoneType:
  t = torch.size(q, 0)
  w = torch.size(v, 1)
  e = s + t
  reach = window
  if torch.le(window, 0):
    reach = e
  rows = self.query_rows(t)
  size = 2 * rows
  step = torch.floordiv(rows + 2, 3)
  lo = ops.prim.max(0, s - reach + 1)
  origin = s - size * torch.floordiv(s - lo + size - 1, size)
  values = self.value_blocks(v, lo, e, origin, size)
  log2e = 1.4426950408889634
  queries = torch.mul(q, self.attention_scale() * log2e)
  own = torch.sum(torch.mul(queries, torch.slice(k, 0, s, e, 1)), [-1], False)
  own = torch.mul(self.cap_scores(torch.div(own, log2e)), -log2e)
  c = s
  while torch.lt(c, e):
    d = ops.prim.min(c + rows, e)
    part = torch.slice(queries, 0, c - s, d - s, 1)
    shift = torch.slice(own, 0, c - s, d - s, 1)
    sums = torch.new_zeros(q, [w + 1, d - c])
    a = ops.prim.max(0, c - reach + 1)
    while torch.lt(a, d):
      j = torch.floordiv(a - origin, size)
      at = origin + j * size
      b = ops.prim.min(at + size, d)
      if torch.lt(a, c):
        b = ops.prim.min(b, c)
      if torch.__or__(torch.ge(a, c), torch.lt(a, d - reach)):
        b = ops.prim.min(b, a + step)
      f = ops.prim.max(a, c)
      g = ops.prim.min(d, b - 1 + reach)
      p = self.powers(torch.slice(k, 0, a, b, 1), torch.slice(part, 0, f - c, g - c, 1), torch.slice(shift, 0, f - c, g - c, 1))
      if torch.gt(b, f + 1):
        p = torch.triu_(p, a - f)
      if torch.lt(a, g - reach):
        p = torch.tril_(p, a - f + reach - 1)
      x = torch.slice(torch.select(values, 0, j), 1, a - at, b - at, 1)
      _4 = torch.add_(torch.slice(sums, 1, f - c, g - c, 1), self.product(x, torch.t(p), None))
      a = b
    part_o = torch.slice(o, 0, c - s, d - s, 1)
    part_lse = torch.slice(lse, 0, c - s, d - s, 1)
    if torch.lt(float(torch.item(torch.amax(torch.abs(sums), [0, 1], False))), 1e30):
      sum = torch.select(sums, 0, w)
      _0 = torch.copy_(part_o, torch.t(torch.div(torch.slice(sums, 0, 0, w, 1), sum)))
      _1 = torch.copy_(part_lse, torch.div(torch.sub(torch.log2(sum), shift), log2e))
    else:
      again, again_lse = self.attend_online(torch.slice(q, 0, c - s, d - s, 1), k, v, c, window)
      _2 = torch.copy_(part_o, again)
      _3 = torch.copy_(part_lse, again_lse)
    c = d
  return None

# Any device and type: q [..., t, h] of positions s ... over k [..., T, h] and v [..., T, w] -> [..., t, w] in
# the type of q and the log-sum-exp of each query's scores [..., t] in float32. The weights times v are a
# product in the type of q, all else is float32. Goes from the diagonal back: each query's first block has its
# own key, so the greatest score so far is always finite.
def attend_online(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, s: int, window: int) -> Tuple[Tensor, Tensor]:
  e = s + torch.size(q, -2)
  reach = window
  if torch.le(window, 0):
    reach = e
  rows = ops.prim.min(e - s, 512)
  scores = 262144
  if ops.prim.is_cuda(q):
    rows = ops.prim.min(e - s, 1024)
    scores = 2097152
  keys = torch.floordiv(scores, rows)
  outputs = annotate(List[Tensor], [])
  lses = annotate(List[Tensor], [])
  c = s
  while torch.lt(c, e):
    d = ops.prim.min(c + rows, e)
    part = torch.mul(torch.slice(q, -2, c - s, d - s, 1).float(), self.attention_scale())
    lo = ops.prim.max(0, c - reach + 1)
    first = True
    o = part
    sum = part
    most = part
    b = d
    while torch.gt(b, lo):
      a = ops.prim.max(lo, ops.prim.min(c, b - keys))
      x = self.cap_scores(torch.matmul(part, torch.transpose(torch.slice(k, -2, a, b, 1).float(), -2, -1)))
      if torch.__or__(torch.gt(b, c + 1), torch.lt(a, d - reach)):
        i = torch.unsqueeze(torch.arange(c, d, dtype=None, layout=None, device=q.device, pin_memory=None), 1)
        back = i - torch.unsqueeze(torch.arange(a, b, dtype=None, layout=None, device=q.device, pin_memory=None), 0)
        hidden = torch.logical_or(torch.lt(back, 0), torch.ge(back, reach))
        x = torch.masked_fill_(x, hidden, -inf)
      top = torch.amax(x, [-1], True)
      if torch.__not__(first):
        top = torch.maximum(top, most)
      x = torch.exp2_(torch.mul_(torch.sub_(x, top), 1.4426950408889634))
      y = torch.matmul(torch.to(x, q.dtype), torch.slice(v, -2, a, b, 1)).float()
      z = torch.sum(x, [-1], True)
      if first:
        o = y
        sum = z
      else:
        keep = torch.exp(most - top)
        o = torch.addcmul(y, o, keep)
        sum = torch.addcmul(z, sum, keep)
      most = top
      first = False
      b = a
    _0 = torch.append(outputs, torch.to(torch.div(o, sum), q.dtype))
    _1 = torch.append(lses, torch.squeeze(torch.add(most, torch.log(sum)), -1))
    c = d
  return (torch.cat(outputs, -2), torch.cat(lses, -1))

# Queries of positions s ... e, each over its last `window` keys, or all up to its own if window <= 0:
# q [B, n, e - s, h], k [B, n, T, h], v [B, n, T, w] -> [B, n, e - s, w] and the log-sum-exp of each query's
# scores [B, n, e - s] in float32.
def attend_heads_lse(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, s: int, window: int) -> Tuple[Tensor, Tensor]:
  n = torch.size(q, 2)
  if torch.__and__(torch.__and__(torch.eq(q.dtype, 6), torch.__not__(ops.prim.is_cuda(q))), torch.ge(n, 16)):
    o = torch.new_empty(q, [torch.size(q, 0), torch.size(q, 1), n, torch.size(v, 3)])
    lse = torch.new_empty(q, [torch.size(q, 0), torch.size(q, 1), n])
    for i in range(torch.size(q, 0)):
      for j in range(torch.size(q, 1)):
        _0 = self.attend_head(self.one(q, i, j), self.one(k, i, j), self.one(v, i, j), s, window, self.one(o, i, j), self.one(lse, i, j))
    y = (o, lse)
  else:
    y = self.attend_online(q, k, v, s, window)
  return y

# x[i, j].
def one(self: __torch__.Decoder, x: Tensor, i: int, j: int) -> Tensor:
  return torch.select(torch.select(x, 0, i), 0, j)

# Queries per block for n queries: blocks of about one size, at most 480. With 512, oneDNN's product takes a
# third longer on AVX2.
def query_rows(self: __torch__.Decoder, n: int) -> int:
  blocks = torch.floordiv(n + 479, 480)
  return 16 * torch.floordiv(n + 16 * blocks - 1, 16 * blocks)
