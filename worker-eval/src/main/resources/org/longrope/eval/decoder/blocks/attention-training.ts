# Causal attention of whole sequences (start is 0), all of one shape [B, n, T, h]. With 0 < window < T a
# query sees its last `window` keys, itself included: blocks of queries against the keys that they can see.
def attend_heads(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, start: int, window: int, sinks: Tensor) -> Tensor:
  T = torch.size(q, 2)
  if torch.__or__(torch.le(window, 0), torch.le(T, window)):
    o = torch.scaled_dot_product_attention(q, k, v, None, 0.0, True, scale=self.attention_scale())
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
      b = torch.scaled_dot_product_attention(torch.slice(q, 2, s, e, 1), torch.slice(k, 2, first, e, 1), torch.slice(v, 2, first, e, 1), seen, 0.0, False, scale=self.attention_scale())
      _0 = torch.append(blocks, b)
      s = e
    o = torch.cat(blocks, 2)
  return o
