// What every function of mien/c.h that can fail is wrapped in.
#pragma once

#include <exception>
#include <filesystem>
#include <new>
#include <string_view>

#include "mien/c.h"
#include "mien/core/error.hpp"

namespace mien::c {

/// What mien_last_error says from now on, on this thread; returns `code`.
int failed(int code, std::string_view message) noexcept;

/// Runs `body` and turns what it throws into a code and the text of mien_last_error.
template <typename Body>
int guarded(Body&& body) noexcept {
  try {
    body();
    return MIEN_OK;
  } catch (const ArgumentError& error) {
    return failed(MIEN_BAD_ARGUMENT, error.what());
  } catch (const Error& error) {
    return failed(MIEN_BAD_DATA, error.what());
  } catch (const std::bad_alloc&) {
    return failed(MIEN_OUT_OF_MEMORY, "out of memory");
  } catch (const std::filesystem::filesystem_error& error) {
    return failed(MIEN_BAD_DATA, error.what());
  } catch (const std::exception& error) {
    return failed(MIEN_UNEXPECTED, error.what());
  } catch (...) {
    return failed(MIEN_UNEXPECTED, "an exception of unknown kind");
  }
}

/// Throws ArgumentError for a null pointer.
inline void require(const void* pointer, const char* function, const char* what) {
  if (pointer == nullptr) throw ArgumentError(std::string(function) + ": " + what + " is NULL");
}

}  // namespace mien::c
