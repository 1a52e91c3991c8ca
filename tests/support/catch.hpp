// Catch2 2.13 and 3 name their headers differently, and Approx has moved; tests include this one and write
// Approx.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
