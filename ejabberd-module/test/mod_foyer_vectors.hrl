%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% The vectors that the tests in other languages read too.

vectors(Name) ->
    {ok, Text} = file:read_file(filename:join(os:getenv("FOYER_VECTORS"), Name)),
    {ok, Vectors} = mod_foyer_json:decode(Text),
    Vectors.
