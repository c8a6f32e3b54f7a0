"""Neural networks on Keras, one architecture per file, for any named input arrays.

`base.Network` fits, forecasts and keeps the learning curves; an architecture says only how
a sequence and a vector become hidden features. `engine` alone imports TensorFlow.
"""
