%%%-------------------------------------------------------------------
%%% File    : mod_foyer_event.erl
%%% Purpose : An operator's stanza -> the events that the bridge hears of (pure)
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_event).

-export([from_message/2, from_room/3, presence/3, ping/2, status/1, timestamp/1, tail/1]).

-export_type([event/0, refusal/0, context/0, place/0, operator/0]).

-include("xmpp.hrl").

-type event() :: #{kind := binary(), at := binary(), atom() => term()}.
-type refusal() :: groupchat | {too_long, Limit :: pos_integer()} | long_id.
-type context() :: #{to_service := boolean(), max_body := pos_integer(), at := binary()}.
%% Where in a room something was said, and by whom.
-type place() :: #{room := binary(), nick := binary(), private := boolean(), jid => binary(),
                   to => binary()}.
-type operator() :: #{jid := binary(), show := binary(), status := binary(),
                      priority := integer(), resources := non_neg_integer(),
                      instance := binary()}.
%% What the children of a stanza say; absent keys were absent.
-type facts() :: #{chat_state => binary(), receipt_requested => true, receipt => binary(),
                   markable => true, marker => binary(), replaces => binary(), retracts => binary(),
                   origin_id => binary(), delayed_at => binary(), encrypted => binary(),
                   unstyled => true}.

-define(MAX_ID, 1024).
-define(MAX_STATUS, 1000).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc The events of a message to a visitor or to the service account: its text with all that
%% rides on it, or else chat state, receipt and marker, each by itself. `ignore': nothing in it
%% that Foyer carries.
-spec from_message(message(), context()) -> {ok, [event(), ...]} | ignore | {refuse, refusal()}.
from_message(#message{type = Type}, _) when Type =:= error; Type =:= headline -> ignore;
from_message(#message{type = groupchat}, _) -> {refuse, groupchat};
from_message(#message{id = Id}, _) when byte_size(Id) > ?MAX_ID -> {refuse, long_id};
from_message(#message{body = Bodies, sub_els = Els} = Msg, #{max_body := Limit} = Context) ->
    Facts = encryption_by_body(Bodies, lists:foldl(fun fact/2, #{}, Els)),
    Size = lists:sum([byte_size(Data) || #text{data = Data} <- Bodies]),
    case {has_long_id(Facts), Facts} of
        {true, _} -> {refuse, long_id};
        {false, #{encrypted := _}} -> {ok, [text_event(Msg, Facts, Context)]};
        %% Its body, where it has one, says in words what it does.
        {false, #{retracts := _}} -> {ok, [text_event(Msg, Facts, Context)]};
        {false, _} when Size > Limit -> {refuse, {too_long, Limit}};
        {false, _} -> events(Msg, [B || B <- Bodies, not is_blank(B)], Facts, Context)
    end.

%% @doc The event of what somebody said in a room: a text, a text taken back, a new subject, or that
%% somebody types.
-spec from_room(message(), place(), #{max_body := pos_integer(), at := binary()}) ->
          {ok, [event()]} | ignore | {refuse, refusal()}.
from_room(#message{id = Id}, _, _) when byte_size(Id) > ?MAX_ID -> {refuse, long_id};
from_room(#message{body = [], subject = [_ | _] = Subject}, Place, #{at := At}) ->
    {ok, [Place#{kind => <<"room_subject">>, at => At, subject => status(xmpp:get_text(Subject))}]};
from_room(#message{body = Bodies, sub_els = Els} = Msg, Place, #{max_body := Limit, at := At}) ->
    Facts = encryption_by_body(Bodies, lists:foldl(fun fact/2, #{}, Els)),
    Size = lists:sum([byte_size(Data) || #text{data = Data} <- Bodies]),
    Said = [B || B <- Bodies, not is_blank(B)],
    case {has_long_id(Facts), Facts} of
        {true, _} -> {refuse, long_id};
        {false, #{retracts := _}} -> {ok, [said(Msg, [], Facts, room_text(Msg, Place, At))]};
        {false, _} when Size > Limit -> {refuse, {too_long, Limit}};
        {false, #{encrypted := _}} -> {ok, [said(Msg, [], Facts, room_text(Msg, Place, At))]};
        {false, #{chat_state := State}} when Said =:= [] -> typing(State, Place, At);
        {false, _} when Said =:= [] -> ignore;
        {false, _} -> {ok, [said(Msg, Said, Facts, room_text(Msg, Place, At))]}
    end.

%% The room's archive has given the message an id by then: by that it is taken back (XEP-0424).
-spec room_text(message(), place(), binary()) -> map().
room_text(Msg, Place, At) ->
    Base = Place#{kind => <<"room_message">>, at => At},
    case xmpp:get_meta(Msg, stanza_id, none) of
        Id when is_integer(Id) -> Base#{archive_id => integer_to_binary(Id)};
        _ -> Base
    end.

-spec typing(binary(), place(), binary()) -> {ok, [event()]} | ignore.
typing(State, #{private := false} = Place, At)
  when State =:= <<"composing">>; State =:= <<"paused">> ->
    {ok, [Place#{kind => <<"room_chat_state">>, at => At, state => State}]};
typing(_, _, _) -> ignore.

-spec said(message(), [#text{}], facts(), map()) -> event().
said(#message{id = Id} = Msg, Said, Facts, Base) ->
    Known = maps:with([origin_id, replaces, retracts, encrypted, delayed_at, unstyled], Facts),
    Text = case Said of
               [] -> #{};
               [_ | _] -> bodies(Said, Msg)
           end,
    maps:merge(maps:merge(Known, Text), Base#{stanza_id => Id}).

%% @doc An operator's presence, seen over all resources.
-spec presence(operator(), Change :: binary(), At :: binary()) -> event().
presence(#{jid := Jid} = Operator, Change, At) ->
    (maps:remove(jid, Operator))#{kind => <<"presence">>, at => At, operator => Jid,
                                  change => Change}.

%% @doc The snapshot of all operators online.
-spec ping([operator()], At :: binary()) -> event().
ping(Operators, At) -> #{kind => <<"ping">>, at => At, operators => Operators}.

%% @doc As much of a status text as the bridge is told. Counted in code points: what is seen as one
%% letter may be a pile of thousands, and the bridge rejects a presence with a text beyond its bound.
-spec status(binary()) -> binary().
status(Text) ->
    unicode:characters_to_binary(lists:sublist(unicode:characters_to_list(Text), ?MAX_STATUS)).

%% @doc RFC 3339 in UTC with milliseconds.
-spec timestamp(Milliseconds :: integer()) -> binary().
timestamp(Milliseconds) ->
    list_to_binary(calendar:system_time_to_rfc3339(
                     Milliseconds, [{unit, millisecond}, {offset, "Z"}])).

%% @doc JSON of an event without the opening brace: the spool puts the id before it.
-spec tail(event()) -> binary().
tail(Event) ->
    <<"{", Tail/binary>> = mod_foyer_json:encode(Event),
    Tail.

%%%===================================================================
%%% From stanza to events.
%%%===================================================================

-spec events(message(), [#text{}], facts(), context()) -> {ok, [event(), ...]} | ignore.
events(Msg, [], Facts, Context) ->
    case lists:append([state_event(Msg, Facts, Context), receipt_event(Msg, Facts, Context),
                       marker_event(Msg, Facts, Context)]) of
        [] -> ignore;
        Events -> {ok, Events}
    end;
events(Msg, Bodies, Facts, Context) ->
    Text = maps:merge(text_event(Msg, Facts, Context), bodies(Bodies, Msg)),
    Rest = receipt_event(Msg, Facts, Context) ++ marker_event(Msg, Facts, Context),
    {ok, [Text | Rest]}.

-spec text_event(message(), facts(), context()) -> event().
text_event(#message{id = Id, type = Type} = Msg, Facts, Context) ->
    Known = maps:with([origin_id, replaces, retracts, chat_state, encrypted, delayed_at,
                       unstyled], Facts),
    maps:merge(Known,
               (base(<<"message">>, Msg, Context))#{
                 stanza_id => Id,
                 type => atom_to_binary(Type, latin1),
                 receipt_requested => maps:is_key(receipt_requested, Facts),
                 markable => maps:is_key(markable, Facts)}).

-spec state_event(message(), facts(), context()) -> [event()].
state_event(Msg, #{chat_state := State}, Context) ->
    [(base(<<"chat_state">>, Msg, Context))#{state => State}];
state_event(_, _, _) -> [].

-spec receipt_event(message(), facts(), context()) -> [event()].
receipt_event(Msg, #{receipt := Id}, Context) ->
    [(base(<<"receipt">>, Msg, Context))#{message_id => Id}];
receipt_event(_, _, _) -> [].

-spec marker_event(message(), facts(), context()) -> [event()].
marker_event(Msg, #{marker := Id}, Context) ->
    [(base(<<"marker">>, Msg, Context))#{marker => <<"displayed">>, message_id => Id}];
marker_event(_, _, _) -> [].

-spec base(binary(), message(), context()) -> event().
base(Kind, #message{from = From, to = To}, #{to_service := ToService, at := At}) ->
    #{kind => Kind, at => At, from => full(From), to => bare(To), to_service => ToService}.

%% A body without xml:lang is the one meant for everybody (RFC 6121, 5.2.3).
-spec bodies([#text{}, ...], message()) -> #{body := binary(), atom() => term()}.
bodies([First | _] = Bodies, #message{lang = StanzaLang}) ->
    #text{lang = Lang, data = Body} = case lists:keyfind(<<>>, #text.lang, Bodies) of
                                          false -> First;
                                          Plain -> Plain
                                      end,
    Chosen = with_lang(#{body => Body}, [Lang, StanzaLang]),
    case Bodies of
        [_] -> Chosen;
        _ -> Chosen#{bodies => [#{lang => L, text => T} || #text{lang = L, data = T} <- Bodies]}
    end.

-spec with_lang(map(), [binary()]) -> map().
with_lang(Map, [<<>> | Rest]) -> with_lang(Map, Rest);
with_lang(Map, [Lang | _]) -> Map#{lang => Lang};
with_lang(Map, []) -> Map.

%%%===================================================================
%%% What the children say.
%%%===================================================================

-spec fact(xmlel() | xmpp_element(), facts()) -> facts().
fact(#xmlel{name = Name, attrs = Attrs} = El, Facts) ->
    fact(Name, fxml:get_attr_s(<<"xmlns">>, Attrs), El, Facts);
fact(El, Facts) ->
    try xmpp:encode(El) of
        #xmlel{} = Encoded -> fact(Encoded, Facts)
    catch
        _:_ -> Facts
    end.

-spec fact(binary(), binary(), xmlel(), facts()) -> facts().
fact(Name, <<"http://jabber.org/protocol/chatstates">>, _, Facts) ->
    case lists:member(Name, [<<"active">>, <<"composing">>, <<"paused">>, <<"inactive">>,
                             <<"gone">>]) of
        true -> Facts#{chat_state => Name};
        false -> Facts
    end;
fact(<<"request">>, <<"urn:xmpp:receipts">>, _, Facts) -> Facts#{receipt_requested => true};
fact(<<"received">>, <<"urn:xmpp:receipts">>, El, Facts) -> with_id(receipt, El, Facts);
fact(<<"markable">>, <<"urn:xmpp:chat-markers:0">>, _, Facts) -> Facts#{markable => true};
fact(<<"displayed">>, <<"urn:xmpp:chat-markers:0">>, El, Facts) -> with_id(marker, El, Facts);
fact(<<"replace">>, <<"urn:xmpp:message-correct:0">>, El, Facts) -> with_id(replaces, El, Facts);
fact(<<"retract">>, <<"urn:xmpp:message-retract:1">>, El, Facts) -> with_id(retracts, El, Facts);
%% As older clients say it.
fact(<<"apply-to">>, <<"urn:xmpp:fasten:0">>, El, Facts) ->
    case fxml:get_subtag_with_xmlns(El, <<"retract">>, <<"urn:xmpp:message-retract:0">>) of
        false -> Facts;
        _ -> with_id(retracts, El, Facts)
    end;
fact(<<"origin-id">>, <<"urn:xmpp:sid:0">>, El, Facts) -> with_id(origin_id, El, Facts);
fact(<<"delay">>, <<"urn:xmpp:delay">>, El, Facts) -> with_attr(delayed_at, <<"stamp">>, El, Facts);
fact(<<"unstyled">>, <<"urn:xmpp:styling:0">>, _, Facts) -> Facts#{unstyled => true};
fact(<<"encrypted">>, <<"eu.siacs.conversations.axolotl">>, _, Facts) ->
    Facts#{encrypted => <<"omemo">>};
fact(<<"encrypted">>, <<"urn:xmpp:omemo:", _/binary>>, _, Facts) ->
    Facts#{encrypted => <<"omemo">>};
fact(<<"openpgp">>, <<"urn:xmpp:openpgp:0">>, _, Facts) -> Facts#{encrypted => <<"ox">>};
fact(<<"x">>, <<"jabber:x:encrypted">>, _, Facts) -> Facts#{encrypted => <<"pgp">>};
fact(<<"encryption">>, <<"urn:xmpp:eme:0">>, #xmlel{attrs = Attrs}, Facts) ->
    Declared = scheme(fxml:get_attr_s(<<"namespace">>, Attrs)),
    maps:merge(#{encrypted => Declared}, Facts);
fact(_, _, _, Facts) -> Facts.

-spec scheme(binary()) -> binary().
scheme(<<"eu.siacs.conversations.axolotl">>) -> <<"omemo">>;
scheme(<<"urn:xmpp:omemo:", _/binary>>) -> <<"omemo">>;
scheme(<<"urn:xmpp:otr:0">>) -> <<"otr">>;
scheme(<<"jabber:x:encrypted">>) -> <<"pgp">>;
scheme(<<"urn:xmpp:openpgp:0">>) -> <<"ox">>;
scheme(_) -> <<"other">>.

-spec encryption_by_body([#text{}], facts()) -> facts().
encryption_by_body([#text{data = <<"?OTR", _/binary>>} | _], Facts) ->
    Facts#{encrypted => <<"otr">>};
encryption_by_body(_, Facts) -> Facts.

-spec with_id(atom(), xmlel(), facts()) -> facts().
with_id(Key, El, Facts) -> with_attr(Key, <<"id">>, El, Facts).

-spec with_attr(atom(), binary(), xmlel(), facts()) -> facts().
with_attr(Key, Attr, #xmlel{attrs = Attrs}, Facts) ->
    case fxml:get_attr_s(Attr, Attrs) of
        <<>> -> Facts;
        Value -> Facts#{Key => Value}
    end.

-spec has_long_id(facts()) -> boolean().
has_long_id(Facts) ->
    lists:any(fun(Key) -> byte_size(maps:get(Key, Facts, <<>>)) > ?MAX_ID end,
              [receipt, marker, replaces, retracts, origin_id, delayed_at]).

%%%===================================================================
%%% Text and names.
%%%===================================================================

%% The first clause spares nearly every message the regular expression.
-spec is_blank(#text{}) -> boolean().
is_blank(#text{data = <<C, _/binary>>}) when C > 32, C < 127 -> false;
is_blank(#text{data = Data}) ->
    re:run(Data, "^[\\s\\x{200B}\\x{FEFF}]*$", [unicode, ucp, {capture, none}]) =:= match.

%% Bare parts as they compare (nodeprepped), the resource as the client gave it.
-spec full(jid()) -> binary().
full(#jid{luser = User, lserver = Server, resource = Resource}) ->
    jid:encode({User, Server, Resource}).

-spec bare(jid()) -> binary().
bare(#jid{luser = User, lserver = Server}) -> jid:encode({User, Server, <<>>}).
