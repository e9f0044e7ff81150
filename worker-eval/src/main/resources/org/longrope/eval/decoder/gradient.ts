# Gradient of the NLL by the tables of angles: the backward pass of decoder.ts, from the output head to the
# first layer. Only activations have gradients. A call works on positions s ... e or on some heads, as in
# decoder.ts.
#
# Methods whose weights come last are called with autograd on, and take positions in a tensor `at` [s, e, ...],
# because DJL passes nothing but tensors there. The others are called in inference mode.
#
# H query heads, G key/value heads. dk and dv have P heads: H where threads share the heads, else G.

# Element i of `at`.
def number(self: __torch__.Decoder, at: Tensor, i: int) -> int:
  return int(torch.item(torch.select(at, 0, i)))

# Copy of x that autograd goes back to.
def leaf(self: __torch__.Decoder, x: Tensor) -> Tensor:
  return torch.requires_grad_(torch.clone(x, memory_format=0), True)

# Gradients by x, given those by y. Zeros where y does not depend on x.
def pull_back(self: __torch__.Decoder, y: List[Tensor], x: List[Tensor], dy: List[Optional[Tensor]]) -> List[Tensor]:
  found = torch.grad(y, x, annotate(Optional[List[Optional[Tensor]]], dy), None, False, True)
  slopes = annotate(List[Tensor], [])
  for i in range(torch.len(x)):
    g = found[i]
    if torch.__is__(g, None):
      slope = torch.zeros_like(x[i])
    else:
      slope = unchecked_cast(Tensor, g)
    _0 = torch.append(slopes, slope)
  return slopes

# Tensor of the shape that `at` lists, of zeros: float32, or the type of `like` where wide is empty.
def gradient_buffer(self: __torch__.Decoder, at: Tensor, like: Tensor, wide: Tensor) -> Tensor:
  shape = annotate(List[int], [])
  for i in range(torch.size(at, 0)):
    _0 = torch.append(shape, self.number(at, i))
  if torch.eq(torch.numel(wide), 0):
    y = torch.new_zeros(like, shape)
  else:
    y = torch.new_zeros(like, shape, dtype=6)
  return y

# NLL (nats) [n] of targets [1, T] given hidden states x [1, T, D] at positions s ... e. Writes the gradient of
# their sum by x to dx.
def head_gradient(self: __torch__.Decoder, at: Tensor, x: Tensor, targets: Tensor, dx: Tensor, w: List[Tensor]) -> Tensor:
  s = self.number(at, 0)
  e = self.number(at, 1)
  part = self.leaf(torch.slice(x, 1, s, e, 1))
  normed = self.last_norm(part, w)
  z = self.logits(torch.detach(normed), w, 0, torch.size(w[2], 0))
  target = torch.unsqueeze(torch.slice(targets, 1, s, e, 1), -1)
  p = torch.softmax(z, -1, None)
  most = torch.amax(z, [-1], True)
  nll = most - torch.log(torch.amax(p, [-1], True)) - torch.gather(z, -1, target)
  p = torch.scatter_add_(p, -1, target, torch.full_like(most, -1.))
  dz = torch.to(self.logits_back(p, z), part.dtype)
  slopes = self.pull_back([normed], [part], annotate(List[Optional[Tensor]], [self.product(dz, torch.t(w[2]), None)]))
  _0 = torch.copy_(torch.slice(dx, 1, s, e, 1), slopes[0])
  return torch.flatten(nll, 0, -1)

# Backward pass of `output`: dx [1, T, D] is the gradient by the layer's output at positions s ... e and becomes
# that by its input x, so far as it does not come by way of the attention. Writes the gradient by the attention's
# output o to d_o, both [1, H, T, v].
def output_gradient(self: __torch__.Decoder, at: Tensor, x: Tensor, o: Tensor, dx: Tensor, d_o: Tensor, w: List[Tensor]) -> Tensor:
  s = self.number(at, 0)
  e = self.number(at, 1)
  part = self.leaf(torch.slice(x, 1, s, e, 1))
  seen = self.leaf(torch.flatten(torch.transpose(torch.slice(o, 2, s, e, 1), 1, 2), 2, 3))
  slope = torch.slice(dx, 1, s, e, 1)
  y = self.layer_output(part, seen, w)
  slopes = self.pull_back([y], [part, seen], annotate(List[Optional[Tensor]], [torch.clone(slope)]))
  _0 = torch.copy_(slope, slopes[0])
  _1 = torch.copy_(torch.slice(d_o, 2, s, e, 1), self.split(slopes[1], self.head_count()))
  return at

# Sums heads of x [1, P, n, h] to those of like [1, G, n, h].
def sum_heads(self: __torch__.Decoder, x: Tensor, like: Tensor) -> Tensor:
  y = x
  G = torch.size(like, 1)
  if torch.ne(torch.size(x, 1), G):
    y = torch.sum(torch.view(x, [1, G, torch.floordiv(torch.size(x, 1), G), torch.size(x, 2), torch.size(x, 3)]), [2], False)
  return torch.to(y, like.dtype)

# Backward pass of `queries_keys_values`: adds what the gradients of queries, keys and values at positions
# s ... e give to dx [1, T, D], unless at[2] is 0, and to d_cos and d_sin [T, R/2], unless at[3] is 0. Then it also
# writes the gradient by query scales [H or 1, 1, R/2], unless they are empty, to the row of d_scales
# [rows, H or 1, 1, R/2] of these positions, at[4] of which have one row.
def projections_gradient(self: __torch__.Decoder, at: Tensor, x: Tensor, cos: Tensor, sin: Tensor, scales: Tensor, dq: Tensor, dk: Tensor, dv: Tensor, dx: Tensor, d_cos: Tensor, d_sin: Tensor, d_scales: Tensor, w: List[Tensor]) -> Tensor:
  s = self.number(at, 0)
  e = self.number(at, 1)
  part = self.leaf(torch.slice(x, 1, s, e, 1))
  c = self.leaf(torch.slice(cos, 0, s, e, 1))
  d = self.leaf(torch.slice(sin, 0, s, e, 1))
  normed = self.attention_input(part, w)
  by_scales = torch.ne(torch.numel(scales), 0)
  scale = scales
  if by_scales:
    scale = self.leaf(scales)
  q = self.query(normed, self.scaled(c, scale), self.scaled(d, scale), w, s)
  k, v = self.keys_values(normed, c, d, w)
  given = annotate(List[Optional[Tensor]], [])
  _0 = torch.append(given, torch.slice(torch.slice(dq, 2, s, e, 1), -1, 0, self.key_width(), 1))
  _1 = torch.append(given, self.sum_heads(torch.slice(dk, 2, s, e, 1), k))
  _2 = torch.append(given, self.sum_heads(torch.slice(dv, 2, s, e, 1), v))
  inputs = annotate(List[Tensor], [])
  if torch.ne(self.number(at, 2), 0):
    _3 = torch.append(inputs, part)
  if torch.ne(self.number(at, 3), 0):
    _4 = torch.append(inputs, c)
    _5 = torch.append(inputs, d)
    if by_scales:
      _6 = torch.append(inputs, scale)
  slopes = self.pull_back([q, k, v], inputs, given)
  if torch.ne(self.number(at, 2), 0):
    _7 = torch.add_(torch.slice(dx, 1, s, e, 1), slopes[0])
  if torch.ne(self.number(at, 3), 0):
    n = torch.len(slopes)
    if by_scales:
      n = n - 1
      _8 = torch.copy_(torch.select(d_scales, 0, torch.floordiv(s, self.number(at, 4))), slopes[n])
    _9 = torch.add_(torch.slice(d_cos, 0, s, e, 1), slopes[n - 2])
    _10 = torch.add_(torch.slice(d_sin, 0, s, e, 1), slopes[n - 1])
  return at

# Heads a ... b of one group or of all, as steps of heads of one group: at most as many heads as are in it, or
# all where each head has keys of its own.
def heads_at_once(self: __torch__.Decoder, q: Tensor, k: Tensor, a: int, b: int) -> int:
  n = torch.floordiv(torch.size(q, 1), torch.size(k, 1))
  if torch.eq(n, 1):
    n = b - a
  return ops.prim.min(n, b - a)

# Keys or values k [1, G, T, h] of query heads a ... b out of `heads`, without a copy.
def of_heads(self: __torch__.Decoder, k: Tensor, heads: int, a: int, b: int) -> Tensor:
  n = torch.floordiv(heads, torch.size(k, 1))
  if torch.eq(n, 1):
    y = torch.slice(k, 1, a, b, 1)
  else:
    g = torch.floordiv(a, n)
    y = torch.expand(torch.slice(k, 1, g, g + 1, 1), [-1, b - a, -1, -1])
  return y

# `attention` for all positions, which leaves the queries: writes the output to o [1, H, T, v] and the log-sum-exps of
# scores and sinks to lse [1, H, T].
def attention_lse(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, w: List[Tensor], o: Tensor, lse: Tensor, a: int, b: int, window: int) -> NoneType:
  H = torch.size(q, 1)
  step = self.heads_at_once(q, k, a, b)
  i = a
  while torch.lt(i, b):
    j = i + step
    queries = torch.slice(torch.slice(q, 1, i, j, 1), -1, 0, self.key_width(), 1)
    sinks = torch.slice(self.sinks(w), 0, i, j, 1)
    y, l = self.attend_heads_lse(queries, self.of_heads(k, H, i, j), self.of_heads(v, H, i, j), 0, window)
    _0 = torch.copy_(torch.slice(o, 1, i, j, 1), self.drop_sinks(y, l, sinks))
    if torch.ne(torch.numel(sinks), 0):
      l = torch.logaddexp(l, torch.unsqueeze(sinks.float(), 1))
    _1 = torch.copy_(torch.slice(lse, 1, i, j, 1), l)
    i = j
  return None

# Backward pass of attention_lse: the gradient by the queries replaces them in q; those by keys and values are
# added to dk and dv [1, P, T, .] in float32. d_o is the gradient by o.
#
# Each set of keys gives its own part: with the log-sum-exp L and the output of all keys, the shares of one set are
# P = exp(S - L) and dS = P (d_o v^T - sum(d_o o)).
def attention_gradient(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, o: Tensor, lse: Tensor, d_o: Tensor, dk: Tensor, dv: Tensor, a: int, b: int, window: int) -> NoneType:
  H = torch.size(q, 1)
  step = self.heads_at_once(q, k, a, b)
  own = torch.eq(torch.size(dk, 1), H)
  i = a
  while torch.lt(i, b):
    j = i + step
    queries = torch.slice(torch.slice(q, 1, i, j, 1), -1, 0, self.key_width(), 1)
    f = i
    g = j
    if torch.__not__(own):
      f = torch.floordiv(i * torch.size(dk, 1), H)
      g = f + 1
    dq = torch.zeros_like(queries, dtype=6)
    _0 = self.attend_heads_back(queries, self.of_heads(k, H, i, j), self.of_heads(v, H, i, j), torch.slice(o, 1, i, j, 1), torch.slice(lse, 1, i, j, 1), torch.slice(d_o, 1, i, j, 1), dq, torch.slice(dk, 1, f, g, 1), torch.slice(dv, 1, f, g, 1), window)
    _1 = torch.copy_(queries, dq)
    i = j
  return None

# Adds the gradient by keys or values, [1, m, n, h] of m query heads, to that of the heads or of their group at
# positions s ... e.
def add_heads(self: __torch__.Decoder, total: Tensor, part: Tensor, s: int, e: int) -> NoneType:
  y = part
  if torch.ne(torch.size(total, 1), torch.size(part, 1)):
    y = torch.sum(part, [1], True, dtype=6)
  _0 = torch.add_(torch.slice(total, 2, s, e, 1), y)
  return None

# Derivatives by log lambda_i [R/2] and by log a [1] in float64, given those by cos and sin [T, R/2], for the
# arguments of `tables`.
def rescaling_gradient(self: __torch__.Decoder, inverse: Tensor, rescale: Tensor, start_tokens: int, cos: Tensor, sin: Tensor, d_cos: Tensor, d_sin: Tensor, chunk: int) -> List[Tensor]:
  n = torch.size(cos, 0)
  slowed = torch.unsqueeze(torch.div(inverse, rescale), 0)
  by_factors = torch.zeros_like(inverse)
  by_attention = torch.zeros_like(inverse)
  s = 0
  while torch.lt(s, n):
    e = ops.prim.min(s + chunk, n)
    m = torch.unsqueeze(torch.arange(s, e, dtype=7, layout=None, device=inverse.device, pin_memory=None), 1)
    angle = torch.where(torch.lt(m, start_tokens), torch.zeros_like(slowed), m * slowed)
    c = torch.slice(cos, 0, s, e, 1)
    d = torch.slice(sin, 0, s, e, 1)
    dc = torch.to(torch.slice(d_cos, 0, s, e, 1), 7, False, False, None)
    dd = torch.to(torch.slice(d_sin, 0, s, e, 1), 7, False, False, None)
    by_factors = by_factors + torch.sum((dc * d - dd * c) * angle, [0], False)
    by_attention = by_attention + torch.sum(dc * c + dd * d, [0], False)
    s = e
  return [by_factors, torch.sum(by_attention, [0], True)]
