/** Ways of saying the same, part two; how to read a line, and the law for a new one, in lexicon.ts. */
export const phrases = `
not later than | no later than
no later than > at the latest by
one or more | at least one / next of
each other | one another
the rest of | the remainder of
on its own | by itself
on their own | by themselves
anyone | anybody / nonext of
someone | somebody / nonext of
everyone | everybody / nonext of
no one | nobody
close to > near / next DET
in spite of | despite
instead of | rather than / next ING DET
apart from | aside from / noprev quite START
except for | apart from | with the exception of / next DET / noprev START
in accordance with | in line with
in conjunction with | in combination with | together with
in the event of | in case of
in the event that > if
provided that | as long as | on condition that / next DET it they we you
while | when / next ING / noprev START a
when | while / next ING / prev PUNCT COMMA
before | prior to / next ING
prior to > before | ahead of / nonext ING
before this | prior to this
after this | following this / nonext DET
via > through | by way of / next DET
inside > within / next DET
upon > on / next DET
during > in the course of / next the this these our
whilst > while
amongst > among
such that > so that
nevertheless | nonetheless | even so / prev START / next COMMA
nonetheless | nevertheless
however | nevertheless | even so / prev START / next COMMA
however | though / prev COMMA / next COMMA
otherwise | if not / prev START / next COMMA
instead | rather / prev START / next COMMA
after that | afterwards | then / prev START / next COMMA
next | then / prev START / next COMMA
for this purpose | to this end | with this in mind / prev START / next COMMA
if in doubt | when in doubt
in such cases | in these cases | in those cases
for this reason | that is why > because of this / prev START / next DET we you it they
for this reason | because of this | therefore / prev START / next COMMA
as a precaution | as a safeguard
as a first step | to begin with | first of all / prev START / next COMMA
by mistake | by accident
deliberately | intentionally | on purpose / next PUNCT COMMA
deliberately | intentionally / nonext PUNCT COMMA
in part | partly / next because due by
only if | only when
even if | even when
is also | is likewise / nonext DET possible why how a
are also | are likewise / nonext DET possible why how a
do not have to | do not need to | need not / noprev it
does not have to | does not need to | need not
have to | need to / noprev DET not do does did will would may might should could must / nonext do
has to | needs to / noprev DET not
you can > you may / nonext not only
you must | you have to | you need to / nonext not
you should | you ought to / nonext not
should | are advised to / prev WHO / nonext be not also have never
could allow | might allow | may allow
could lead to | might lead to | may lead to
could result in | might result in | may result in
could enable | might enable | may enable
could cause | might cause | may cause
could be used to | might be used to | may be used to
can be used to | may be used to
can be exploited | could be exploited | may be exploited
may be exploited | might be exploited
may be able to | might be able to
it is likely that | in all likelihood / prev START / nonext COMMA
is likely to > will probably / noprev it
are likely to > will probably / noprev they
that | which / prev NOUN / next VERB
which | that / prev NOUN / next VERB
called | named / prev NOUN / next CODE
used by > employed by
at the time of writing | as of this writing / nonext COMMA of
at the time of writing | as we write this / prev START / next COMMA
approximately | roughly > about / next DIGIT
more than > over / next DIGIT
at least > no fewer than / next DIGIT two three four five six seven eight nine ten twelve
ten > 10 / next servers hosts days minutes hours weeks requests attempts partners files lines
eleven > 11 / next servers hosts days minutes hours weeks requests attempts partners files lines
twelve > 12 / next servers hosts days minutes hours weeks months requests attempts partners files lines
vulnerability | flaw | weakness / next FUNC PUNCT COMMA
vulnerabilities | flaws | weaknesses / next FUNC PUNCT COMMA
this issue | this problem / next FUNC PUNCT COMMA
these issues | these problems / next FUNC PUNCT COMMA
attacker | adversary | threat actor / nonext infrastructure tooling tools activity behaviour behavior groups group traffic
attackers | adversaries | threat actors
attacker's | adversary's | threat actor's
the update | the fix > the patch / next FUNC PUNCT COMMA / nonext of to
the updates | the fixes > the patches / next FUNC PUNCT COMMA / nonext of to
an update > a patch | a fix / next is was has will that which can cannot
a fix > a patch | an update / next FUNC PUNCT COMMA
security update | security patch | security fix / next FUNC PUNCT COMMA
security updates | security patches | security fixes / next FUNC PUNCT COMMA
apply the update | install the update | deploy the update
apply the updates | install the updates | deploy the updates
apply the patch | install the patch | deploy the patch
log files > logs / nonext and
log entries | log records
workaround | interim measure / next FUNC PUNCT COMMA
workarounds | interim measures / next FUNC PUNCT COMMA
impact of | effect of / prev the / next this these the
consequences of | effects of / prev the / next this these the a an
in use | being used / prev is are / next PUNCT COMMA by on
beginning with | starting with
starting from | beginning with
as described | as explained / next below above in
mentioned above | named above
the following section | the next section
the steps below | the following steps / nonext PUNCT
outside of > outside
all of the > all the / next servers systems affected hosts files changes accounts updates keys
both of the > both
the majority of > most / nonext DET
most of the | the majority of the
take advantage of > exploit / next DET
an instance of | a case of / next the this
the same way | the same manner / prev in
in this way | in this manner | by this means / next PUNCT COMMA
in a way that | in a manner that
a way to | a means to
no longer needed | no longer required
is required | is needed | is necessary / next PUNCT COMMA for
are required | are needed | are necessary / next PUNCT COMMA for
is needed | is required | is necessary / next PUNCT COMMA for
are needed | are required | are necessary / next PUNCT COMMA for
no authentication is needed | no authentication is required
restricted to | limited to / prev is are be been
limited to | restricted to / prev is are be been
at once | immediately / next PUNCT COMMA
immediately | at once / next PUNCT COMMA
from the outside | from outside
is intended for | is meant for
are intended for | are meant for
a successful attack | successful exploitation / next VERB
in our tests | in our testing
is stored in | is kept in
are stored in | are kept in
was found | was discovered | was identified / next on in by during
were found | were discovered | were identified / next on in by during
contact us | get in touch with us / noprev to
kept for | retained for / prev be are is
may occur | might occur | can occur / nonext that
may have | might have | could have / nonext to a an the no any some
may also | might also | could also
a single > one / nonext COMMA PUNCT of out / noprev not
please note that | note that | be aware that / prev START
become known to > come to the attention of
with the rights of | with the privileges of
is longer than > exceeds
is larger than > exceeds
no evidence that | no indication that | no sign that
no evidence of | no indication of | no sign of
is unusual | is uncommon
are unusual | are uncommon
searches for | looks for
search the | look through the / prev START please to COMMA and / nonext page
is not affected | is unaffected
are not affected | are unaffected
is well known | is widely known
is enabled | is switched on | is turned on
are enabled | are switched on | are turned on
be enabled | be switched on | be turned on
is disabled | is switched off | is turned off
are disabled | are switched off | are turned off
be disabled | be switched off | be turned off
by running | by executing / next the a CODE
you have questions | you have any questions
through the portal | via the portal
at this point | at this stage
it is possible that > it may be that / prev START
it must | it has to | it needs to / nonext not
they must | they have to | they need to / nonext not
must > have to | need to / prev WHO / nonext not have
is recommended | is advised / next PUNCT COMMA
take over | gain control of / next the a an / prev to can could may might
do not require | do not need / next a an any
does not require | does not need / next a an any
the corresponding | the matching
in addition to | besides / next DET ING
both versions | the two versions
most likely | very probably / noprev DET
a successful exploit | successful exploitation / next VERB
is under way | is in progress
has been fixed in | has been corrected in | has been resolved in / next version versions release releases build builds
have been fixed in | have been corrected in | have been resolved in / next version versions release releases build builds
was fixed in | was corrected in | was resolved in / next version versions release releases build builds
were fixed in | were corrected in | were resolved in / next version versions release releases build builds
is known to be | has been found to be
it should be noted that > note that / prev START
for all practical purposes | in effect
with immediate effect | effective immediately
on a regular basis > regularly
in a timely manner > promptly
at regular intervals | regularly / next PUNCT COMMA
until further notice | for the time being
for the time being | for now | until further notice / next PUNCT COMMA
on request | upon request
in the near future > soon
a limited number of | a small number of
only a few | only a small number of | just a few
`
