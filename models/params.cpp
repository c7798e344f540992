#include "models/params.h"

namespace models {

size_t ParamLayout::add(std::string name, std::vector<int64_t> shape, TensorRole role) {
  TensorSpec tensor;
  tensor.name = std::move(name);
  tensor.shape = std::move(shape);
  tensor.offset = size_;
  tensor.size = 1;
  for (int64_t extent : tensor.shape) tensor.size *= static_cast<size_t>(extent);
  tensor.role = role;
  size_ = (tensor.offset + tensor.size + 15) / 16 * 16;
  tensors_.push_back(std::move(tensor));
  return tensors_.back().offset;
}

const TensorSpec* ParamLayout::find(std::string_view name) const {
  for (const TensorSpec& tensor : tensors_)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

size_t ParamLayout::parameters() const {
  size_t count = 0;
  for (const TensorSpec& tensor : tensors_) count += tensor.size;
  return count;
}

}  // namespace models
