# Attention for evaluation by libtorch's flash kernels, which autograd does not go through here.

# The flash kernel: q [B, n, t, h] over k, v [B, n, u, h], causal only where t = u. Returns the
# output and the log-sum-exp of each query's scores [B, n, t], by which join combines it with attention over other keys.
def flash(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tuple[Tensor, Tensor]:
  if ops.prim.is_cuda(q):
    if torch.eq(q.dtype, 6):
      o, lse, _0, _1 = torch._scaled_dot_product_efficient_attention(q, k, v, None, True, 0.0, causal, scale=self.attention_scale())
      y = (o, torch.slice(lse, 2, 0, torch.size(q, 2), 1))
    else:
      o0, lse0, _2, _3, _4, _5, _6, _7, _8 = torch._scaled_dot_product_flash_attention(q, k, v, 0.0, causal, False, scale=self.attention_scale())
      y = (o0, lse0)
  else:
    o1, lse1 = torch._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0.0, causal, attn_mask=None, scale=self.attention_scale())
    y = (o1, lse1)
  return y

# Combines attention over two sets of keys: outputs and log-sum-exps of each.
def join(self: __torch__.Decoder, a: Tuple[Tensor, Tensor], b: Tuple[Tensor, Tensor]) -> Tuple[Tensor, Tensor]:
  oa, la = a
  ob, lb = b
  share = torch.unsqueeze(torch.sigmoid(lb - la), -1)
  return (torch.to(torch.lerp(oa.float(), ob.float(), share), oa.dtype), torch.logaddexp(la, lb))

# Queries q [B, n, e - s, h] of positions s ... e over all keys and values [B, n, T, h] up to their own.
# Returns the output and the log-sum-exps.
def attend_all(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, s: int) -> Tuple[Tensor, Tensor]:
  e = s + torch.size(q, 2)
  o = self.flash(q, torch.slice(k, 2, s, e, 1), torch.slice(v, 2, s, e, 1), True)
  if torch.gt(s, 0):
    o = self.join(o, self.flash(q, torch.slice(k, 2, 0, s, 1), torch.slice(v, 2, 0, s, 1), False))
  return o

# Attention of n <= window queries that see the last `window` keys each, s >= window. It joins three parts:
# the keys of the queries' own block up to each query; all keys between; and the n - 1 oldest keys, a
# triangle that is causal when both orders are reversed. No key outside of the window costs anything.
def attend_last(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, s: int, window: int) -> Tuple[Tensor, Tensor]:
  n = torch.size(q, 2)
  e = s + n
  o = self.flash(q, torch.slice(k, 2, s, e, 1), torch.slice(v, 2, s, e, 1), True)
  if torch.gt(window, n):
    o = self.join(o, self.flash(q, torch.slice(k, 2, e - window, s, 1), torch.slice(v, 2, e - window, s, 1), False))
  y, lse = o
  if torch.gt(n, 1):
    first = s - window + 1
    far, far_lse = self.flash(torch.flip(torch.slice(q, 2, 0, n - 1, 1), [2]), torch.flip(torch.slice(k, 2, first, first + n - 1, 1), [2]), torch.flip(torch.slice(v, 2, first, first + n - 1, 1), [2]), True)
    near = (torch.slice(y, 2, 0, n - 1, 1), torch.slice(lse, 2, 0, n - 1, 1))
    joined = self.join(near, (torch.flip(far, [2]), torch.flip(far_lse, [2])))
    _0 = torch.copy_(torch.slice(y, 2, 0, n - 1, 1), (joined)[0])
    _1 = torch.copy_(torch.slice(lse, 2, 0, n - 1, 1), (joined)[1])
  return (y, lse)

# Causal attention of the queries of positions s ... e, each of its last `window` keys, or of all if window <= 0.
# Returns the output and the log-sum-exps, without the share of sinks.
def attend_heads_lse(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, s: int, window: int) -> Tuple[Tensor, Tensor]:
  e = s + torch.size(q, 2)
  if torch.__or__(torch.le(window, 0), torch.le(e, window)):
    y = self.attend_all(q, k, v, s)
  else:
    outputs = annotate(List[Tensor], [])
    lses = annotate(List[Tensor], [])
    t = s
    while torch.lt(t, e):
      if torch.lt(t, window):
        f = window
        part = self.attend_all(torch.slice(q, 2, t - s, f - s, 1), k, v, t)
      else:
        f = ops.prim.min(t + window, e)
        part = self.attend_last(torch.slice(q, 2, t - s, f - s, 1), k, v, t, window)
      _0 = torch.append(outputs, (part)[0])
      _1 = torch.append(lses, (part)[1])
      t = f
    y = (torch.cat(outputs, 2), torch.cat(lses, 2))
  return y
