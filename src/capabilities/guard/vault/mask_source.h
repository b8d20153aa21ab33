// Where masks come from: a Masker in memory, or a vault that keeps the values.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace credence::guard {

struct MaskItem {
    std::string label;      // "EMAIL"
    std::string canonical;  // equal ones get equal masks (canonical.h)
    std::string value;      // as it stands in the text
};

class MaskSource {
public:
    virtual ~MaskSource() = default;
    // A mask for each item, in order. `taken`: masks that stand in the text already, ascending; a
    // new value gets none of them.
    virtual Result<std::vector<std::string>> masks_for(const std::vector<MaskItem>& items,
                                                       const std::vector<std::string>& taken) = 0;
};

}  // namespace credence::guard
