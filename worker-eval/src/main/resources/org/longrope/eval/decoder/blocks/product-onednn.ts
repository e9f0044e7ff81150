# The matrix product of product.ts by oneDNN. torch.linear uses MKL for float32 on a CPU; MKL chooses its
# code by the CPU's maker and leaves AVX-512 unused on AMD, oneDNN chooses by what the CPU can do.
def product(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
  return ops.mkldnn._linear_pointwise(x, w, b, "none", annotate(List[Optional[number]], []), "")
