# Training's part of the decoder: whole sequences, out of place, so that autograd can go back through it.

# One decoder layer, x [B, T, D] -> [B, T, D]. The query scales [H or 1, 1, R/2], or empty, are constants.
def training_layer(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, scales: Tensor, w: List[Tensor], window: int) -> Tensor:
  normed = self.attention_input(x, w)
  q = self.query(normed, self.scaled(cos, scales), self.scaled(sin, scales), w, 0)
  k, v = self.keys_values(normed, cos, sin, w)
  o = self.attend(q, k, v, 0, window, self.sinks(w))
  return self.layer_output(x, torch.flatten(torch.transpose(o, 1, 2), 2, 3), w)

# NLL (nats) [B, n] of targets [B, n] given hidden states x [B, n, D] and the weights after the last layer.
def losses(self: __torch__.Decoder, x: Tensor, targets: Tensor, w: List[Tensor]) -> Tensor:
  logits = self.logits(self.last_norm(x, w), w, 0, torch.size(w[2], 0))
  target = torch.unsqueeze(targets, -1)
  return torch.logsumexp(logits, [-1], False) - torch.squeeze(torch.gather(logits, -1, target), -1)

# Query scales of a layer, out of those of all [L or 1, H or 1, 1, R/2]; empty unless it rotates by the first table.
def layer_scales(self: __torch__.Decoder, scales: Tensor, layer: int, rotation: int) -> Tensor:
  if torch.__or__(torch.ne(rotation, 0), torch.eq(torch.numel(scales), 0)):
    y = torch.slice(scales, 0, 0, 0, 1)
  else:
    y = torch.select(scales, 0, ops.prim.min(layer, torch.size(scales, 0) - 1))
  return y

# Mean loss (nats) of targets [B, T], where targets[:, t] follows ids[:, t]. w is the embedding, the weights of
# each layer, and those after the last; windows has one entry a layer (0: all keys), rotations
# the table of each, tables their cos and sin.
def mean_loss(self: __torch__.Decoder, ids: Tensor, targets: Tensor, tables: List[Tensor], scales: Tensor, w: List[Tensor], windows: List[int], rotations: List[int], head_block: int) -> Tensor:
  x = self.embeddings(ids, w[0])
  n = torch.len(windows)
  m = self.layer_weights()
  for i in range(n):
    table = 2 * rotations[i]
    x = self.training_layer(x, tables[table], tables[table + 1], self.layer_scales(scales, i, rotations[i]), torch.slice(w, 1 + m * i, 1 + m * (i + 1), 1), windows[i])
  last = torch.slice(w, 1 + m * n, 5 + m * n, 1)
  T = torch.size(ids, 1)
  parts = annotate(List[Tensor], [])
  s = 0
  while torch.lt(s, T):
    e = ops.prim.min(s + head_block, T)
    _0 = torch.append(parts, self.losses(torch.slice(x, 1, s, e, 1), torch.slice(targets, 1, s, e, 1), last))
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
