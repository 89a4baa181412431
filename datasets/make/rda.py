# SPDX-License-Identifier: Apache-2.0
"""Reads R data files without R."""
import warnings

import rdata


def read(sources, name):
    """The table `name` of the package r-cran-mlbench."""
    path = sources / "r-cran-mlbench/usr/lib/R/site-library/mlbench/data" / f"{name}.rda"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one note per string: "Unknown encoding. Assumed ASCII."
        return rdata.conversion.convert(rdata.parser.parse_file(path))[name]
