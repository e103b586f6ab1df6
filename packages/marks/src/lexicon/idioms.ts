/** Synonyms, part four: common phrases. `lexicon.ts` explains the format and the rule for new lines. */
export const idioms = `
at this time | at present | currently / next PUNCT
is as follows | is the following / next PUNCT
are as follows | are the following / next PUNCT
does so | does this / next PUNCT by before after
on the one hand > on one hand
with one exception | with a single exception / next PUNCT COMMA
the first time that | the first time / next DET they we you it
at least in part | at least partly
in other words | put differently / prev START / next COMMA
to put it simply | put simply / prev START / next COMMA
more precisely | to be precise / prev START / next COMMA
as mentioned above | as noted above
as noted above | as mentioned above
as noted earlier | as mentioned earlier
as mentioned earlier | as noted earlier
in the past > previously / next PUNCT COMMA
in recent weeks | over recent weeks | over the past few weeks
in recent days | over recent days | over the past few days
since then | since that time / nonext it they we
from then on | from that point on | from that moment on
by then | by that time / next PUNCT COMMA
during this time | in this period / next PUNCT COMMA
in the same request | within the same request
in a single request | within a single request | in one request
in one request > in a single request
from the same network | from within the same network
over the internet | across the internet / noprev DET
if you are unsure | if you are not sure | if in doubt
for more information | for further information | for additional information
for more details | for further details | for additional details
for details | for the details / prev START COMMA / nonext on of
in more detail | in greater detail
provides more information | gives more information | offers more information
provides details | gives details
contains details | has details
contains information | has information
contains instructions | has instructions
can be downloaded from | is available for download from / prev update patch fix version release tool
can be downloaded from | are available for download from / prev updates patches fixes versions releases tools
is included in | is part of / prev fix patch update correction
are included in | are part of / prev fixes patches updates corrections
we are working on | work is under way on
we are investigating | we are looking into / next DET
we continue to | we are continuing to / next investigate monitor work analyse
we will inform | we will notify / next DET you
we will publish > we will release / next a an the further
we intend to | we plan to
we plan to | we intend to
we ask you to | we would ask you to
we ask that you > we ask you to
we encourage you to | we would encourage you to
please contact | please get in touch with
please report | please tell us about / next any all
please let us know | please tell us / next if whether how when
let us know | tell us / prev START please COMMA / next if whether how when
were reported by | were brought to our attention by
was reported by | was brought to our attention by
was reported to us by | was brought to our attention by
was reported to | was disclosed to / next us the
were reported to | were disclosed to / next us the
has been assigned | was assigned / next the a an
have been assigned | were assigned / next the
public exploit code | publicly available exploit code
is publicly available | is available to the public
are publicly available | are available to the public
is publicly known | is known to the public
are publicly known | are known to the public
first of all | to begin with / prev START / next COMMA
note that | be aware that / prev START
bear in mind that | keep in mind that
keep in mind that | bear in mind that
make use of | take advantage of / prev can could to / next DET
pay attention to | watch for / prev START
watch for | look out for / next DET any
look out for | watch for / next DET any
be careful when | take care when / prev START
take care to | be careful to / prev START
pay particular attention to | pay special attention to
of particular interest | of special interest
in particular | especially / prev COMMA / next if when the those on in for
especially | in particular / prev COMMA / next if when on in
and so on | and so forth
at the very least | as a minimum
to some extent | to a certain extent | to a degree
to a large extent | to a great extent > largely
in full | completely / prev removed deleted replaced restored / next PUNCT COMMA
with the aim of | with the goal of | with the intention of
with a view to > with the aim of / next ING
in an attempt to | in an effort to
in response to | as a response to
in connection with | in relation to
in place of | instead of / next DET
with the exception of | except for / noprev START
in excess of > more than / next DIGIT
in total > altogether / next PUNCT COMMA
on a daily basis > every day / next PUNCT COMMA
on a weekly basis > every week / next PUNCT COMMA
on a permanent basis > permanently / next PUNCT COMMA
on a temporary basis > temporarily / next PUNCT COMMA
in an automated manner > automatically
in the first place | to begin with / next PUNCT
at the beginning of | at the start of
at the start of | at the beginning of
in the course of | during / next the this our
over the course of | during | in the course of / next the this our
throughout the entire | throughout the whole
the remaining > the other / next servers systems devices hosts steps users
the same is true of | the same applies to | the same holds for
the same applies to | the same is true of | the same holds for
this applies to | this is true of | this holds for
this also applies to | this is also true of
this is because | the reason is that / prev START
this is why | that is why | for this reason / prev START / next DET we you it they
this is the case | this is so / next if when for because
if this is the case | if so / prev START / next COMMA
if that is the case | if so / prev START / next COMMA
if not | otherwise / prev START / next COMMA
in that case | in this case / prev START / next COMMA
in this case | in that case / prev START / next COMMA
in such a case | in this case | in that case / prev START / next COMMA
in either case | either way / prev START / next COMMA
in any case | in any event | at any rate / next COMMA
in all cases | in every case
in each case | in every case
in our experience | from experience / prev START / next COMMA
in our view | in our opinion
in our opinion | in our view
at the core of | at the heart of
at the heart of | at the core of
the cause of this | the reason for this / next is was
the reason for this is | the cause of this is
one way to | a way to / prev START is
the simplest way to | the easiest way to
the easiest way to | the simplest way to
the best way to | the most effective way to
has the same effect | has the same result
to the same effect | with the same result / next PUNCT COMMA
under the control of | controlled by / prev NOUN / next DET
in the hands of | in the possession of / next DET
to gain | to obtain / next access administrative elevated
to obtain | to acquire / next a the
to learn | to find out / next how which whether what
learn | find out / prev can could to / next how which whether what
find out | learn / prev can could to / next how which whether what
is aware that | knows that
are aware that | know that
make sure to | be sure to / prev START COMMA and
be sure to | make sure to / prev START COMMA and
please make sure | please ensure / next that DET
take steps to | take measures to
take measures to | take steps to
takes steps to | takes measures to
take action > act / prev to must should can not / next PUNCT COMMA immediately
take no action | do nothing / next PUNCT COMMA
no action is required | no action is needed | no action is necessary
no further action is required | no further action is needed | no further action is necessary
no action is needed | no action is required | no action is necessary
no further action is needed | no further action is required | no further action is necessary
requires no | needs no / next further user action changes configuration
require no | need no / next further user action changes configuration
in two steps | in two stages
in several steps | in several stages
in a second step | in a second stage
the next step is to | the next thing to do is to
the first step is to | the first thing to do is to
in the default configuration | with the default configuration | with default settings
with default settings | in the default configuration
in its default configuration | with its default settings
is turned off by default | is off by default
a certain number of | a given number of
a specific | a particular / next version file configuration user account setting request order
a particular | a specific / next version file configuration user account setting request order
specific | particular / prev this that / next version file configuration case setting request
various > different | several / next kinds types sorts ways
different kinds of | different types of
all kinds of | all sorts of | all types of
many kinds of | many types of | many sorts of
some kinds of | some types of | some sorts of
other kinds of | other types of | other sorts of
some kind of | some sort of | some type of
any kind of | any sort of | any type of
is able to > is in a position to / prev who attacker adversary
are able to > are in a position to / prev who attackers they you we
has been addressed in | has been fixed in | has been resolved in / next version versions release releases build builds DIGIT VERSION
have been addressed in | have been fixed in | have been resolved in / next version versions release releases build builds DIGIT VERSION
was addressed in | was fixed in | was resolved in / next version versions release releases build builds DIGIT VERSION
were addressed in | were fixed in | were resolved in / next version versions release releases build builds DIGIT VERSION
is addressed in | is fixed in | is resolved in / next version versions release releases build builds DIGIT VERSION
are addressed in | are fixed in | are resolved in / next version versions release releases build builds DIGIT VERSION
at an early stage | early on / next PUNCT COMMA
at a later time | at a later date > later / next PUNCT COMMA
step by step | one step at a time / next PUNCT COMMA
in any order | in whatever order / next PUNCT COMMA
the order given | the given order / prev in
as shown below | as shown here / next PUNCT COMMA
as shown above | as seen above / next PUNCT COMMA
is shown below | is given below | is reproduced below
are shown below | are given below | are listed below
have been observed | have been seen / next in on since
has been observed | has been seen / next in on since
were observed | were seen / next in on
was observed | was seen / next in on
in rare cases | in rare instances | on rare occasions
in individual cases | in isolated cases
under no circumstances | on no account
in all likelihood | in all probability
regardless of whether | irrespective of whether | no matter whether
no matter which | regardless of which / noprev is are
for several reasons | for a number of reasons
the reason is that | this is because / prev START
for lack of | for want of
within hours | within a matter of hours / next PUNCT COMMA
within minutes | within a matter of minutes / next PUNCT COMMA
within days | within a matter of days / next PUNCT COMMA
in the long term | in the long run / next PUNCT COMMA
in the long run | in the long term / next PUNCT COMMA
for a short time | for a short while > briefly / next PUNCT COMMA
at the time | at that time / next PUNCT COMMA
at that time | at the time / next PUNCT COMMA
on the same day | that same day / next PUNCT COMMA
on the following day | on the next day | the next day / next PUNCT COMMA
shortly afterwards | soon afterwards | shortly after that / next PUNCT COMMA
soon after that | shortly after that | soon afterwards / next PUNCT COMMA
at least for now | at least for the moment / next PUNCT COMMA
to be on the safe side | as a precaution / prev START / next COMMA
as an alternative | alternatively / prev START / next COMMA
as a rule | generally | in general / prev START / next COMMA
on this basis | on these grounds / prev START / next COMMA
by this means | in this way / next PUNCT COMMA
to that end | to this end | for this purpose / prev START / next COMMA
with that said | that said / prev START / next COMMA
at first sight | at first glance
on closer inspection | on closer examination
to a lesser extent | to a lesser degree
to the same extent | to the same degree
to the extent possible | as far as possible
as far as possible | to the extent possible / next PUNCT COMMA
as much as possible | as far as possible / next PUNCT COMMA
as usual | as always / next PUNCT COMMA
free of charge | at no cost / next PUNCT COMMA to
at your convenience | when it suits you / next PUNCT
under embargo | subject to an embargo / next PUNCT COMMA until
`
