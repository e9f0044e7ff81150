# Causal attention of whole sequences (start is 0) with capped scores or sinks, q [B, n, T, h]: blocks of queries
# against the keys that they can see. With 0 < window a query sees its last `window` keys, itself included.
def attend_heads(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, start: int, window: int, sinks: Tensor) -> Tensor:
  T = torch.size(q, 2)
  blocks = annotate(List[Tensor], [])
  s = 0
  while torch.lt(s, T):
    e = ops.prim.min(s + self.attention_block(), T)
    first = 0
    if torch.gt(window, 0):
      first = ops.prim.max(0, s - window + 1)
    i = torch.unsqueeze(torch.arange(s, e, dtype=None, layout=None, device=q.device, pin_memory=None), 1)
    j = torch.unsqueeze(torch.arange(first, e, dtype=None, layout=None, device=q.device, pin_memory=None), 0)
    back = i - j
    hidden = torch.lt(back, 0)
    if torch.gt(window, 0):
      hidden = torch.logical_or(hidden, torch.ge(back, window))
    product = torch.matmul(torch.slice(q, 2, s, e, 1), torch.transpose(torch.slice(k, 2, first, e, 1), -2, -1))
    scores = torch.masked_fill(self.cap_scores(product.float() * self.attention_scale()), hidden, -inf)
    if torch.ne(torch.numel(sinks), 0):
      column = torch.expand(torch.view(sinks.float(), [1, -1, 1, 1]), [torch.size(q, 0), -1, e - s, 1])
      shares = torch.slice(torch.softmax(torch.cat([scores, column], -1), -1, None), -1, 0, e - first, 1)
    else:
      shares = torch.softmax(scores, -1, None)
    _0 = torch.append(blocks, torch.matmul(torch.to(shares, v.dtype), torch.slice(v, 2, first, e, 1)))
    s = e
  return torch.cat(blocks, 2)
