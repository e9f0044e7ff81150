# Training's part of the decoder: whole sequences, out of place, so that autograd can go back through it.

# Causal attention of whole sequences (start is 0), all of one shape [B, n, T, h]. With 0 < window < T a
# query sees its last `window` keys, itself included: blocks of queries against the keys that they can see.
def attend_heads(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, start: int, window: int) -> Tensor:
  T = torch.size(q, 2)
  if torch.__or__(torch.le(window, 0), torch.le(T, window)):
    o = torch.scaled_dot_product_attention(q, k, v, None, 0.0, True)
  else:
    blocks = annotate(List[Tensor], [])
    s = 0
    while torch.lt(s, T):
      e = ops.prim.min(s + self.attention_block(), T)
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

# One decoder layer, x [B, T, D] -> [B, T, D].
def training_layer(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], heads: int, groups: int, eps: float, window: int) -> Tensor:
  attention_norm, wq, wk, wv, wo, feed_forward_norm, gate, up, down, bq, bk, bv, bo, gate_bias, up_bias, down_bias, = w
  normed = self.rms(x, attention_norm, eps)
  q = self.rotate(self.split(self.project(normed, wq, bq), heads), cos, sin)
  k = self.rotate(self.split(self.project(normed, wk, bk), groups), cos, sin)
  v = self.split(self.project(normed, wv, bv), groups)
  o = self.attend(q, k, v, 0, window)
  y = x + self.project(torch.flatten(torch.transpose(o, 1, 2), 2, 3), wo, bo)
  normed = self.rms(y, feed_forward_norm, eps)
  gated = torch.silu(self.project(normed, gate, gate_bias)) * self.project(normed, up, up_bias)
  return y + self.project(gated, down, down_bias)

# NLL (nats) [B, n] of targets [B, n] given hidden states x [B, n, D], final norm and output head.
def losses(self: __torch__.Decoder, x: Tensor, targets: Tensor, norm: Tensor, head: Tensor, eps: float) -> Tensor:
  logits = torch.linear(self.rms(x, norm, eps), head).float()
  target = torch.unsqueeze(targets, -1)
  return torch.logsumexp(logits, [-1], False) - torch.squeeze(torch.gather(logits, -1, target), -1)

# Mean loss (nats) of targets [B, T], where targets[:, t] follows ids[:, t]. w is the embedding, 16
# weights a layer, the final norm and the output head; windows has one entry a layer (0: all keys).
def mean_loss(self: __torch__.Decoder, ids: Tensor, targets: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], heads: int, groups: int, eps: float, windows: List[int], head_block: int) -> Tensor:
  x = torch.embedding(w[0], ids)
  n = torch.len(windows)
  for i in range(n):
    x = self.training_layer(x, cos, sin, torch.slice(w, 1 + 16 * i, 17 + 16 * i, 1), heads, groups, eps, windows[i])
  T = torch.size(ids, 1)
  parts = annotate(List[Tensor], [])
  s = 0
  while torch.lt(s, T):
    e = ops.prim.min(s + head_block, T)
    _0 = torch.append(parts, self.losses(torch.slice(x, 1, s, e, 1), torch.slice(targets, 1, s, e, 1), w[1 + 16 * n], w[2 + 16 * n], eps))
    s = e
  return torch.mean(torch.cat(parts, 1))

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
