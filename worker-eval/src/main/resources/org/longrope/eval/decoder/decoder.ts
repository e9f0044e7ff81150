# A Llama-family decoder whose weights come in as arguments. TorchScript in the form in which an
# archive stores it: every function is spelled with its schema name (torch.add, torch.slice, ...).
#
# B batch, T positions, D hidden width, H query heads, G key/value heads, h head width, R rotated part.
# A layer's weights w are in the order of LayerWeight; a bias that the model lacks is an empty tensor.
# Memory beyond the weights is O(T): attention by the flash kernel, feed-forward and head in chunks.

# Angles in float64, cos and sin [n, R/2] in float32 (at m = 2e6 a float32 angle is noise).
# angle(m, i) = m * inverse[i] * (1 if m < start_tokens else 1 / rescale[i]), for m = 0 ... n-1.
def tables(self: __torch__.Decoder, inverse: Tensor, rescale: Tensor, start_tokens: int, attention_factor: float, n: int, chunk: int) -> List[Tensor]:
  pairs = torch.size(inverse, 0)
  cos = torch.empty([n, pairs], dtype=6, layout=None, device=inverse.device, pin_memory=None, memory_format=None)
  sin = torch.empty([n, pairs], dtype=6, layout=None, device=inverse.device, pin_memory=None, memory_format=None)
  slowed = torch.unsqueeze(torch.div(inverse, rescale), 0)
  s = 0
  while torch.lt(s, n):
    e = ops.prim.min(s + chunk, n)
    m = torch.unsqueeze(torch.arange(s, e, dtype=7, layout=None, device=inverse.device, pin_memory=None), 1)
    angle = m * torch.where(torch.lt(m, start_tokens), torch.unsqueeze(inverse, 0), slowed)
    _0 = torch.copy_(torch.slice(cos, 0, s, e, 1), torch.mul(torch.cos(angle), attention_factor))
    _1 = torch.copy_(torch.slice(sin, 0, s, e, 1), torch.mul(torch.sin(angle), attention_factor))
    s = e
  return [cos, sin]

# RMS norm over the last dimension, in float32.
def rms(self: __torch__.Decoder, x: Tensor, w: Tensor, eps: float) -> Tensor:
  f = x.float()
  mean_square = torch.mean(f * f, [-1], True)
  return torch.to(f * torch.rsqrt(mean_square + eps), x.dtype) * w

# x [..., in] times w [out, in], plus b [out] unless b is empty.
def project(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  if torch.eq(torch.numel(b), 0):
    y = torch.linear(x, w)
  else:
    y = torch.linear(x, w, b)
  return y

# Rotates halves (i with i + R/2) of the first R of x [B, heads, T, h]; the rest passes through.
def rotate(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  half = torch.size(cos, -1)
  a = torch.slice(x, -1, 0, half, 1)
  b = torch.slice(x, -1, half, 2 * half, 1)
  ra = torch.to(a * cos - b * sin, x.dtype)
  rb = torch.to(b * cos + a * sin, x.dtype)
  if torch.eq(torch.size(x, -1), 2 * half):
    y = torch.cat([ra, rb], -1)
  else:
    y = torch.cat([ra, rb, torch.slice(x, -1, 2 * half, torch.size(x, -1), 1)], -1)
  return y

# Causal attention, all of one shape [B, n, T, h]. With 0 < window < T a query sees its last `window`
# keys, itself included: blocks of queries against the keys that they can see.
def attend_heads(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, window: int, chunk: int) -> Tensor:
  T = torch.size(q, 2)
  if torch.__or__(torch.le(window, 0), torch.le(T, window)):
    o = torch.scaled_dot_product_attention(q, k, v, None, 0.0, True)
  else:
    blocks = annotate(List[Tensor], [])
    s = 0
    while torch.lt(s, T):
      e = ops.prim.min(s + chunk, T)
      first = ops.prim.max(0, s - window + 1)
      i = torch.unsqueeze(torch.arange(s, e, dtype=None, layout=None, device=q.device, pin_memory=None), 1)
      j = torch.unsqueeze(torch.arange(first, e, dtype=None, layout=None, device=q.device, pin_memory=None), 0)
      back = i - j
      seen = torch.logical_and(torch.ge(back, 0), torch.lt(back, window))
      b = torch.scaled_dot_product_attention(torch.slice(q, 2, s, e, 1), torch.slice(k, 2, first, e, 1), torch.slice(v, 2, first, e, 1), seen, 0.0, False)
      _0 = torch.append(blocks, b)
      s = e
    o = torch.cat(blocks, 2)
  return o

# Grouped-query attention: q [B, H, T, h], k and v [B, G, T, h]. Group by group, keys expanded without
# a copy: the kernel's own grouping falls back to quadratic memory on CPU (libtorch 2.7).
def attend(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, window: int, chunk: int) -> Tensor:
  G = torch.size(k, 1)
  n = torch.floordiv(torch.size(q, 1), G)
  if torch.eq(n, 1):
    o = self.attend_heads(q, k, v, window, chunk)
  else:
    groups = annotate(List[Tensor], [])
    for g in range(G):
      kg = torch.expand(torch.slice(k, 1, g, g + 1, 1), [-1, n, -1, -1])
      vg = torch.expand(torch.slice(v, 1, g, g + 1, 1), [-1, n, -1, -1])
      _0 = torch.append(groups, self.attend_heads(torch.slice(q, 1, g * n, (g + 1) * n, 1), kg, vg, window, chunk))
    o = torch.cat(groups, 1)
  return o

# down(silu(gate(x)) * up(x)).
def feed_forward(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  gate = self.project(x, w[6], w[13])
  up = self.project(x, w[7], w[14])
  return self.project(torch.silu(gate) * up, w[8], w[15])

# One decoder layer, x [B, T, D] -> [B, T, D].
def layer(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], heads: int, groups: int, eps: float, window: int, chunk: int, train: bool) -> Tensor:
  B = torch.size(x, 0)
  T = torch.size(x, 1)
  h = torch.floordiv(torch.size(w[1], 0), heads)
  normed = self.rms(x, w[0], eps)
  q = self.rotate(torch.transpose(torch.view(self.project(normed, w[1], w[9]), [B, T, heads, h]), 1, 2), cos, sin)
  k = self.rotate(torch.transpose(torch.view(self.project(normed, w[2], w[10]), [B, T, groups, h]), 1, 2), cos, sin)
  v = torch.transpose(torch.view(self.project(normed, w[3], w[11]), [B, T, groups, h]), 1, 2)
  o = self.attend(q, k, v, window, chunk)
  y = x + self.project(torch.reshape(torch.transpose(o, 1, 2), [B, T, heads * h]), w[4], w[12])
  if train:
    z = y + self.feed_forward(self.rms(y, w[5], eps), w)
  else:
    s = 0
    while torch.lt(s, T):
      e = ops.prim.min(s + chunk, T)
      part = torch.slice(y, 1, s, e, 1)
      _0 = torch.add_(part, self.feed_forward(self.rms(part, w[5], eps), w))
      s = e
    z = y
  return z

# Negative log-likelihood, float32, of targets [B, T] (nats) given x [B, T, D].
def head(self: __torch__.Decoder, x: Tensor, norm: Tensor, w: Tensor, targets: Tensor, eps: float, chunk: int) -> Tensor:
  T = torch.size(x, 1)
  parts = annotate(List[Tensor], [])
  s = 0
  while torch.lt(s, T):
    e = ops.prim.min(s + chunk, T)
    logits = torch.linear(self.rms(torch.slice(x, 1, s, e, 1), norm, eps), w).float()
    target = torch.unsqueeze(torch.slice(targets, 1, s, e, 1), -1)
    _0 = torch.append(parts, torch.logsumexp(logits, [-1], False) - torch.squeeze(torch.gather(logits, -1, target), -1))
    s = e
  return torch.cat(parts, 1)

# NLL [B, T - from] of targets[:, from:], where targets[:, t] follows ids[:, t]. w is the embedding,
# 16 weights a layer, the final norm and the output head; windows has one entry a layer (0: all keys).
def nll(self: __torch__.Decoder, ids: Tensor, targets: Tensor, first: int, cos: Tensor, sin: Tensor, w: List[Tensor], heads: int, groups: int, eps: float, windows: List[int], chunk: int, head_chunk: int, train: bool) -> Tensor:
  x = torch.embedding(w[0], ids)
  n = torch.len(windows)
  for i in range(n):
    x = self.layer(x, cos, sin, torch.slice(w, 1 + 16 * i, 17 + 16 * i, 1), heads, groups, eps, windows[i], chunk, train)
  T = torch.size(ids, 1)
  return self.head(torch.slice(x, 1, first, T, 1), w[1 + 16 * n], w[2 + 16 * n], torch.slice(targets, 1, first, T, 1), eps, head_chunk)

# A weight as stored in a checkpoint -> where and how it is used. bf16 arrives labelled as float16,
# which has the same width and a name in Java; widen makes float32 of either. (view_copy, because
# TorchScript hides view's overload for types.)
def place(self: __torch__.Decoder, stored: Tensor, like: Tensor, bf16: bool, widen: bool) -> Tensor:
  t = stored
  if bf16:
    t = torch.view_copy(t, dtype=15)
  if widen:
    t = torch.to(t, 6, False, False, None)
  return torch.to(t, like.device, t.dtype, False, False, None)

# One step of AdamW (arXiv 1711.05101) in place, after scaling the gradients g to a global norm of at
# most max_norm; matrices decay, vectors do not. Clears g and returns the norm before clipping.
def adamw(self: __torch__.Decoder, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], rate: float, beta1: float, beta2: float, eps: float, decay: float, step: int, max_norm: float) -> float:
  total = 0.
  for i in range(torch.len(g)):
    total = total + float(torch.item(torch.sum(torch.pow(torch.to(g[i], 7, False, False, None), 2))))
  norm = torch.sqrt(total)
  scale = ops.prim.min(1., max_norm / (norm + 9.9999999999999995e-07))
  correction1 = 1. - torch.pow(beta1, step)
  correction2 = 1. - torch.pow(beta2, step)
  for i in range(torch.len(w)):
    _0 = torch.mul_(g[i], scale)
    _1 = torch.add_(torch.mul_(m[i], beta1), g[i], alpha=1. - beta1)
    _2 = torch.addcmul_(torch.mul_(v[i], beta2), g[i], g[i], value=1. - beta2)
    if torch.gt(torch.dim(w[i]), 1):
      _3 = torch.mul_(w[i], 1. - rate * decay)
    denominator = torch.add_(torch.sqrt_(torch.div(v[i], correction2)), eps)
    _4 = torch.addcdiv_(w[i], m[i], denominator, value=-(rate / correction1))
    _5 = torch.zero_(g[i])
  return norm
