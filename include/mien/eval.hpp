// What reads data sets and measures networks on them, in the library mien::eval, and all that predicts
// (mien/runtime.hpp).
#pragma once

#include "mien/data/audit.hpp"
#include "mien/data/batch.hpp"
#include "mien/data/classes.hpp"
#include "mien/data/dataset.hpp"
#include "mien/data/epoch_order.hpp"
#include "mien/data/face_canvas.hpp"
#include "mien/data/face_photos.hpp"
#include "mien/data/fer2013.hpp"
#include "mien/data/folders.hpp"
#include "mien/data/loader.hpp"
#include "mien/data/mix.hpp"
#include "mien/data/open.hpp"
#include "mien/eval/calibration.hpp"
#include "mien/eval/confusion.hpp"
#include "mien/eval/detection.hpp"
#include "mien/eval/evaluate.hpp"
#include "mien/eval/plots.hpp"
#include "mien/eval/report.hpp"
#include "mien/eval/samples.hpp"
#include "mien/runtime.hpp"
