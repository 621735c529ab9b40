//! Functions that connect layers: products, convolutions, embeddings, attention.
