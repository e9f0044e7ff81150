# The same as product.ts by oneDNN, which libtorch brings for CPUs and asks only where types are narrow.
# It knows a CPU by what it can do; MKL, which torch.linear asks, by its maker: on AMD's it leaves
# AVX-512 unused.
def product(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
  return ops.mkldnn._linear_pointwise(x, w, b, "none", annotate(List[Optional[number]], []), "")
