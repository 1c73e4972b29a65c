/** \file units.h
 * Conversion factors, each named for its unit and defined once. Values enter the program in the
 * units of their names; these are the only places where one unit becomes another.
 */
#ifndef SOLVER_BASE_UNITS_H
#define SOLVER_BASE_UNITS_H

#define UNITS_SECOND_PER_HOUR 3600.0
#define UNITS_HOUR_PER_DAY    24.0
/* A year of 365 days, as From FLOPs to Footprints (arXiv:2512.04142) counts lifetimes: 365.25 days
 * would give 8,794 instead of the published 8,800 devices. */
#define UNITS_DAY_PER_YEAR   365.0
#define UNITS_HOUR_PER_YEAR  (UNITS_HOUR_PER_DAY * UNITS_DAY_PER_YEAR)
#define UNITS_DAY_PER_MONTH  (UNITS_DAY_PER_YEAR / 12.0)
#define UNITS_WATT_PER_KW    1e3
#define UNITS_FLOP_PER_TFLOP 1e12
#define UNITS_GRAM_PER_KG    1e3
#define UNITS_BYTE_PER_GB    1e9
#define UNITS_BIT_PER_BYTE   8.0
/* One petaFLOP/s-day, the unit of Kaplan et al. 2020 (arXiv:2001.08361). */
#define UNITS_FLOP_PER_PF_DAY 8.64e19
#define UNITS_LN_2            0.6931471805599453
#define UNITS_TWO_PI          6.283185307179586

#endif
