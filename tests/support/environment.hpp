#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace mien::test {

/// Sets a variable of the environment, or removes it, until the end of the scope.
class Environment {
 public:
  Environment(std::string name, std::optional<std::string> value) : name_(std::move(name)) {
    if (const char* old = ::getenv(name_.c_str())) old_ = old;
    apply(value);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { apply(old_); }

 private:
  void apply(const std::optional<std::string>& value) const {
    if (value) {
      ::setenv(name_.c_str(), value->c_str(), 1);
    } else {
      ::unsetenv(name_.c_str());
    }
  }
  std::string name_;
  std::optional<std::string> old_;
};

}  // namespace mien::test
