# Scores of attention-online.ts for a model that does not cap them.

# Caps scores x in natural units.
def cap_scores(self: __torch__.Decoder, x: Tensor) -> Tensor:
  return x

# Keys k [u, h] and queries q [t, h] -> 2 ** (k q^T + shift [t]), as [u, t]. q holds the factor log2(e).
# exp2 takes a third of the time of exp on a CPU (libtorch 2.7).
def powers(self: __torch__.Decoder, k: Tensor, q: Tensor, shift: Tensor) -> Tensor:
  return torch.exp2_(self.product(k, q, shift))
