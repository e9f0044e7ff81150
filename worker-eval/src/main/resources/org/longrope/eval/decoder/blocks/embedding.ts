# Embeddings [1, n, D] of ids [1, n].
def embeddings(self: __torch__.Decoder, ids: Tensor, w: Tensor) -> Tensor:
  return torch.embedding(w, ids)
