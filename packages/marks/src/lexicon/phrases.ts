/** Ways of saying the same, part two; how to read a line, and the law for a new one, in lexicon.ts. */
export const phrases = `
not later than | no later than
one or more | at least one / next of
each other | one another
the rest of | the remainder of
on its own > by itself / next PUNCT
by itself > on its own
on their own > by themselves / next PUNCT
by themselves > on their own
anyone | anybody / nonext of
someone | somebody / nonext of
everyone | everybody / nonext of
no one | nobody
close to > near / next the
in spite of | despite
instead of | rather than / next ING DET
apart from | aside from / prev START COMMA
except for | with the exception of > apart from / next DET / noprev START
in accordance with | in line with
in conjunction with | in combination with | together with
in the event of | in case of
in the event that > if
provided that | on condition that > as long as / next DET it they we you
while | when / next ING / noprev START a
when | while / next ING / prev PUNCT COMMA
before | prior to / next ING
prior to > before | ahead of / nonext ING
before this | prior to this
after this | following this / nonext DET FUNC VERB happened happens it we they you
via > through | by way of / next DET
inside > within / next DET
upon > on / next DET
during > in the course of / next the this these our
such that > so that / noprev is are was were
nevertheless | nonetheless | even so > however / prev START / next COMMA
nonetheless | nevertheless
however | though / prev COMMA / next COMMA
otherwise | if not / prev START / next COMMA
instead | rather / prev START / next COMMA
after that | afterwards | then / prev START / next COMMA
next | then / prev START / next COMMA
for this purpose | to this end / prev START / next COMMA
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
is also | is likewise / nonext DET possible why how a
are also | are likewise / nonext DET possible why how a
do not have to | do not need to > need not / noprev it
does not have to | does not need to > need not
have to | need to / noprev DET not do does did / nonext do offer say
has to | needs to / noprev DET not / nonext do offer say
it is likely that | in all likelihood / prev START / nonext COMMA
called | named / prev NOUN / next CODE
at the time of writing | as of this writing / nonext COMMA of
at the time of writing | as we write this / prev START / next COMMA
approximately | roughly > about / next DIGIT
more than > over / next DIGIT / noprev no not
vulnerability | flaw > weakness / next FUNC PUNCT COMMA / noprev design logic programming implementation minor
weakness > flaw / next FUNC PUNCT COMMA / noprev of
vulnerabilities | flaws > weaknesses / next FUNC PUNCT COMMA / noprev design logic programming implementation
weaknesses > flaws / next FUNC PUNCT COMMA / noprev strengths and
this issue | this problem / next FUNC PUNCT COMMA
these issues | these problems / next FUNC PUNCT COMMA
log files > logs / nonext and
log entries | log records
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
the majority of > most / nonext DET them us you which whom
most of the | the majority of the / nonext time
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
immediately > at once / next PUNCT COMMA
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
is recommended | is advised / next PUNCT COMMA
do not require | do not need / next a an any
does not require | does not need / next a an any
the corresponding | the matching
in addition to | besides / next DET ING
both versions | the two versions
a successful exploit | successful exploitation / next VERB
is under way | is in progress
has been fixed in | has been corrected in | has been resolved in / next version versions release releases build builds VERSION
have been fixed in | have been corrected in | have been resolved in / next version versions release releases build builds VERSION
was fixed in | was corrected in | was resolved in / next version versions release releases build builds VERSION
were fixed in | were corrected in | were resolved in / next version versions release releases build builds VERSION
it should be noted that > note that / prev START
with immediate effect | effective immediately
on a regular basis > regularly
in a timely manner > promptly
in sequence | one after the other / next by PUNCT COMMA
at regular intervals | regularly / next PUNCT COMMA
until further notice | for the time being
for the time being | for now | until further notice / next PUNCT COMMA
on request | upon request
in the near future > soon
a limited number of | a small number of
only a few | only a small number of | just a few
`
