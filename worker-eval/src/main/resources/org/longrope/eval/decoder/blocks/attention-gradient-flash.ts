# Backward pass of attention-flash.ts by libtorch's flash kernels.

# The kernel's backward pass: q [B, n, t, h] over k, v [B, n, u, h], causal only where t = u. lse [B, n, t] and o are
# those of all keys, d_o the gradient by o. Returns the gradients by q, k and v.
def flash_back(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, o: Tensor, lse: Tensor, d_o: Tensor, causal: bool) -> Tuple[Tensor, Tensor, Tensor]:
  if ops.prim.is_cuda(q):
    if torch.eq(q.dtype, 6):
      n = torch.size(q, 2)
      padded = torch.constant_pad_nd(lse, [0, 32 * torch.floordiv(n + 31, 32) - n], inf)
      none = torch.new_zeros(lse, [0], dtype=4)
      mask = 0
      if causal:
        mask = 1
      a, b, c, _0 = torch._efficient_attention_backward(torch.transpose(d_o, 1, 2), torch.transpose(q, 1, 2), torch.transpose(k, 1, 2), torch.transpose(v, 1, 2), None, torch.transpose(o, 1, 2), None, None, n, torch.size(k, 2), padded, 0.0, none, none, mask, False, scale=self.attention_scale())
      y = (torch.transpose(a, 1, 2), torch.transpose(b, 1, 2), torch.transpose(c, 1, 2))
    else:
      # The forward pass over one position gives the tensors that stand for sequences of one length and no dropout.
      one = torch.slice(q, 2, 0, 1, 1)
      _1, _2, many_q, many_k, _3, _4, seed, offset, _5 = torch._scaled_dot_product_flash_attention(one, one, one, 0.0, False, False)
      d, e, f = torch._scaled_dot_product_flash_attention_backward(d_o, q, k, v, o, torch.contiguous(lse), many_q, many_k, torch.size(q, 2), torch.size(k, 2), 0.0, causal, seed, offset, scale=self.attention_scale())
      y = (d, e, f)
  else:
    g, h, i = torch._scaled_dot_product_flash_attention_for_cpu_backward(d_o, q, k, v, o, lse, 0.0, causal, attn_mask=None, scale=self.attention_scale())
    y = (g, h, i)
  return y

# Queries s ... e over keys a ... b: adds the gradients to dq, dk and dv. With `reversed`, causal in the
# reversed order: query s + i sees the keys from a + i on.
def add_part(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, o: Tensor, lse: Tensor, d_o: Tensor, dq: Tensor, dk: Tensor, dv: Tensor, s: int, e: int, a: int, b: int, causal: bool, reversed: bool) -> NoneType:
  parts = [torch.slice(q, 2, s, e, 1), torch.slice(k, 2, a, b, 1), torch.slice(v, 2, a, b, 1), torch.slice(o, 2, s, e, 1), torch.slice(lse, 2, s, e, 1), torch.slice(d_o, 2, s, e, 1)]
  if reversed:
    turned = annotate(List[Tensor], [])
    for i in range(torch.len(parts)):
      _0 = torch.append(turned, torch.flip(parts[i], [2]))
    parts = turned
  x, y, z = self.flash_back(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], causal)
  if reversed:
    x = torch.flip(x, [2])
    y = torch.flip(y, [2])
    z = torch.flip(z, [2])
  _1 = torch.add_(torch.slice(dq, 2, s, e, 1), x)
  _2 = self.add_heads(dk, y, a, b)
  _3 = self.add_heads(dv, z, a, b)
  return None

# Backward pass of attend_heads_lse for all queries of one group or of some heads. Adds to dq, dk and dv.
def attend_heads_back(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, o: Tensor, lse: Tensor, d_o: Tensor, dq: Tensor, dk: Tensor, dv: Tensor, window: int) -> NoneType:
  n = torch.size(q, 2)
  reach = window
  if torch.le(window, 0):
    reach = n
  s = 0
  while torch.lt(s, n):
    e = ops.prim.min(s + reach, n)
    _0 = self.add_part(q, k, v, o, lse, d_o, dq, dk, dv, s, e, s, e, True, False)
    if torch.gt(s, 0):
      if torch.gt(reach, e - s):
        _1 = self.add_part(q, k, v, o, lse, d_o, dq, dk, dv, s, e, e - reach, s, False, False)
      if torch.gt(e - s, 1):
        first = s - reach + 1
        _2 = self.add_part(q, k, v, o, lse, d_o, dq, dk, dv, s, e - 1, first, first + e - 1 - s, True, True)
    s = e
  return None
