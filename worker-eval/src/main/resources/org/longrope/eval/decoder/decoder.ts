# A decoder whose weights come in as arguments. TorchScript in the form in which an archive stores it:
# every function is spelled with its schema name (torch.add, torch.slice, ...). What families do differently
# is in blocks/, of which ProgramSource chooses those of a model; constants and the names of the weights
# are methods that it writes.
#
# B batch, T positions, D hidden width, F feed-forward width, V vocabulary, H query heads, G key/value
# heads, h head width, v width of a head's values, R rotated part.
#
# The weights w of a layer are named as in LayerWeight, which gives their shapes; one that the model lacks is
# an empty tensor. The weights after the last layer are the last norm, its bias, the head and its bias.
#
# A sequence calls embed_into, then for each layer queries_keys_values, attention and output, then head
# or argmax. A call works on positions s ... e or on some heads, so that several threads share a layer.

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
    y = self.product(x, w, None)
  else:
    y = self.product(x, w, b)
  return y

# [B, n, heads * h] -> [B, heads, n, h].
def split(self: __torch__.Decoder, y: Tensor, heads: int) -> Tensor:
  B = torch.size(y, 0)
  n = torch.size(y, 1)
  return torch.transpose(torch.view(y, [B, n, heads, torch.floordiv(torch.size(y, 2), heads)]), 1, 2)

# Grouped-query attention: q [B, H, e - s, h], k [B, G, T, h], v [B, G, T, v], sinks [H] or empty. Group by
# group, keys expanded without a copy: the kernels' own grouping falls back to quadratic memory on CPU
# (libtorch 2.7).
def attend(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, s: int, window: int, sinks: Tensor) -> Tensor:
  G = torch.size(k, 1)
  n = torch.floordiv(torch.size(q, 1), G)
  if torch.eq(n, 1):
    o = self.attend_heads(q, k, v, s, window, sinks)
  else:
    groups = annotate(List[Tensor], [])
    for g in range(G):
      kg = torch.expand(torch.slice(k, 1, g, g + 1, 1), [-1, n, -1, -1])
      vg = torch.expand(torch.slice(v, 1, g, g + 1, 1), [-1, n, -1, -1])
      _0 = torch.append(groups, self.attend_heads(torch.slice(q, 1, g * n, (g + 1) * n, 1), kg, vg, s, window, torch.slice(sinks, 0, g * n, (g + 1) * n, 1)))
    o = torch.cat(groups, 1)
  return o

# Allocates one layer's keys [B, G, T, h] and values [B, G, T, v].
def caches(self: __torch__.Decoder, x: Tensor) -> List[Tensor]:
  keys = torch.new_empty(x, [torch.size(x, 0), self.group_count(), torch.size(x, 1), self.key_width()])
  values = torch.new_empty(x, [torch.size(x, 0), self.group_count(), torch.size(x, 1), self.value_width()])
  return [keys, values]

# Allocates the queries [B, H, n, max(h, v)] of n positions. Their attention's output replaces them.
def queries(self: __torch__.Decoder, x: Tensor, n: int) -> Tensor:
  return torch.new_empty(x, [torch.size(x, 0), self.head_count(), n, ops.prim.max(self.key_width(), self.value_width())])

# cos or sin [n, R/2] by which queries rotate: multiplied by the layer's query scales [H or 1, 1, R/2], unless
# they are empty.
def scaled(self: __torch__.Decoder, table: Tensor, scales: Tensor) -> Tensor:
  y = table
  if torch.ne(torch.numel(scales), 0):
    y = table * scales
  return y

# First part of a layer: queries, keys and values of positions s ... e. q begins at position `first`.
def queries_keys_values(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, scales: Tensor, w: List[Tensor], q: Tensor, k: Tensor, v: Tensor, first: int, s: int, e: int) -> NoneType:
  c = torch.slice(cos, 0, s, e, 1)
  d = torch.slice(sin, 0, s, e, 1)
  normed = self.attention_input(torch.slice(x, 1, s, e, 1), w)
  _0 = torch.copy_(torch.slice(torch.slice(q, 2, s - first, e - first, 1), -1, 0, self.key_width(), 1), self.query(normed, self.scaled(c, scales), self.scaled(d, scales), w, s))
  keys, values = self.keys_values(normed, c, d, w)
  _1 = torch.copy_(torch.slice(k, 2, s, e, 1), keys)
  _2 = torch.copy_(torch.slice(v, 2, s, e, 1), values)
  return None

# Second part: attention of the query heads a ... b, of one group or of all, whose output replaces them in
# q. Needs the keys and values of all positions up to the last of q.
def attention(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, w: List[Tensor], first: int, a: int, b: int, window: int) -> NoneType:
  n = torch.floordiv(torch.size(q, 1), torch.size(k, 1))
  g = torch.floordiv(a, n)
  f = torch.floordiv(b - 1, n) + 1
  part = torch.slice(q, 1, a, b, 1)
  o = self.attend(torch.slice(part, -1, 0, self.key_width(), 1), torch.slice(k, 1, g, f, 1), torch.slice(v, 1, g, f, 1), first, window, torch.slice(self.sinks(w), 0, a, b, 1))
  _0 = torch.copy_(torch.slice(part, -1, 0, self.value_width(), 1), o)
  return None

# Third part: output projection and feed-forward of positions s ... e of x, in place. o is q after attention.
def output(self: __torch__.Decoder, x: Tensor, w: List[Tensor], o: Tensor, first: int, s: int, e: int) -> NoneType:
  part = torch.slice(torch.slice(o, 2, s - first, e - first, 1), -1, 0, self.value_width(), 1)
  seen = torch.flatten(torch.transpose(part, 1, 2), 2, 3)
  _0 = self.layer_output(torch.slice(x, 1, s, e, 1), seen, w)
  return None

# Hidden states after the last norm.
def last_norm(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  return self.scale_output(self.norm(x, w[0], w[1]))

# Logits [B, n, b - a] in float32 of tokens a ... b of the vocabulary, given hidden states after the last norm.
def logits(self: __torch__.Decoder, normed: Tensor, w: List[Tensor], a: int, b: int) -> Tensor:
  if torch.eq(torch.numel(w[3]), 0):
    y = self.product(normed, torch.slice(w[2], 0, a, b, 1), None)
  else:
    y = self.product(normed, torch.slice(w[2], 0, a, b, 1), torch.slice(w[3], 0, a, b, 1))
  return self.finish_logits(y)

# Negative log-likelihood (nats), float32 [B, e - s], of targets[:, s:e] given x[:, s:e]. Logits exist
# for `block` tokens of the vocabulary at a time.
def head(self: __torch__.Decoder, x: Tensor, w: List[Tensor], targets: Tensor, s: int, e: int, block: int) -> Tensor:
  V = torch.size(w[2], 0)
  normed = self.last_norm(torch.slice(x, 1, s, e, 1), w)
  target = torch.unsqueeze(torch.slice(targets, 1, s, e, 1), -1)
  sums = annotate(List[Tensor], [])
  likely = torch.zeros_like(target, dtype=6)
  a = 0
  while torch.lt(a, V):
    b = ops.prim.min(a + block, V)
    logits = self.logits(normed, w, a, b)
    within = torch.logical_and(torch.ge(target, a), torch.lt(target, b))
    likely = torch.where(within, torch.gather(logits, -1, torch.clamp(target - a, 0, b - a - 1)), likely)
    most = torch.amax(logits, [-1], True)
    _0 = torch.append(sums, most + torch.log(torch.sum(torch.exp_(torch.sub_(logits, most)), [-1], True)))
    a = b
  return torch.squeeze(torch.logsumexp(torch.stack(sums), [0], False) - likely, -1)

# A weight as stored in a checkpoint -> its compute type, on the device of `like`. how[0] is 1 for bf16, which
# arrives labelled as float16, which has the same width and a name in Java; how[1] is 1 where float32 is made of
# either. (view_copy, because TorchScript hides view's overload for types.)
def toComputeType(self: __torch__.Decoder, stored: Tensor, like: Tensor, how: Tensor) -> Tensor:
  t = stored
  if torch.ne(int(torch.item(torch.select(how, 0, 0))), 0):
    t = torch.view_copy(t, dtype=15)
  if torch.ne(int(torch.item(torch.select(how, 0, 1))), 0):
    t = torch.to(t, 6, False, False, None)
  return torch.to(t, like.device, t.dtype, False, False, None)

# Allocates the hidden states x [1, n, D] of n positions: the type of the embedding w, on the device of
# `like`.
def allocate(self: __torch__.Decoder, w: Tensor, like: Tensor, n: int) -> Tensor:
  return torch.empty([1, n, torch.size(w, 1)], dtype=w.dtype, layout=None, device=like.device, pin_memory=None, memory_format=None)

# Writes the embeddings of ids [1, n] to x[:, s:s + n].
def embed_into(self: __torch__.Decoder, x: Tensor, ids: Tensor, w: Tensor, s: int) -> NoneType:
  _0 = torch.copy_(torch.slice(x, 1, s, s + torch.size(ids, 1), 1), self.embeddings(ids, w))
  return None

# Writes y[:, s:e] to x[:, s:e], from device to device.
def move_into(self: __torch__.Decoder, x: Tensor, y: Tensor, s: int, e: int) -> NoneType:
  _0 = torch.copy_(torch.slice(x, 1, s, e, 1), torch.slice(y, 1, s, e, 1))
  return None

# x[:, s:e].
def positions(self: __torch__.Decoder, x: Tensor, s: int, e: int) -> Tensor:
  return torch.slice(x, 1, s, e, 1)

# The token that most likely follows position t; the lowest of equal ones.
def argmax(self: __torch__.Decoder, x: Tensor, w: List[Tensor], t: int) -> Tensor:
  return torch.argmax(self.logits(self.last_norm(torch.slice(x, 1, t, t + 1, 1), w), w, 0, torch.size(w[2], 0)), None, False)
