/**
 * Ways of saying the same, part three: what advisories say; how to read a line, and the law for a new one, in
 * lexicon.ts.
 */
export const collocations = `
attacker | adversary / nonext infrastructure tooling tools activity behaviour behavior groups group traffic / whole attacker adversar
attackers | adversaries / whole attacker adversar
attacker's | adversary's / whole attacker adversar
but > yet / prev COMMA / next it they we you this there he she
about > approximately | roughly / prev in with of for after from within takes took lasts lasted at by has have had contains writes / next DIGIT
has no effect on | has no influence on | has no bearing on
have no effect on | have no influence on | have no bearing on
all $many > every $one / prev on across / next PUNCT COMMA
every $one > all $many / prev on across / next PUNCT COMMA
all affected $many > every affected $one / prev on across / next PUNCT COMMA
every $one > each $one / noprev almost nearly not of for / nonext in
each $one > every $one / noprev one DET
such $many | $many of this kind | $many of this type / nonext as that of in to / noprev DET no any other all many few
such $an $one | $an $one of this kind | $an $one of this type / nonext as that of in to
$many of this kind > such $many / nonext that which / noprev DET no any other all many few affected
the $trait of the $holder | the $holder's $trait / next PUNCT COMMA is are was were can may when if before after because / noprev both
recommend that you $do > recommend $doing / prev we also strongly therefore
recommend $doing > recommend that you $do / prev we also strongly therefore / next DET
advise you to $do | advise that you $do > recommend that you $do / prev we also strongly therefore
that contains > containing / prev THING
that contain > containing / prev THINGS
that runs > running / prev THING / next DET
that run > running / prev THINGS / next DET
that uses > using / prev THING / next DET
that use > using / prev THINGS / next DET
who use > using / prev users customers administrators people operators organisations organizations partners / next DET
that requires > requiring / prev THING / next DET
that require > requiring / prev THINGS / next DET
that includes > including / prev THING / next DET
that holds > holding / prev THING / next DET
that hold > holding / prev THINGS / next DET
that affects > affecting / prev vulnerability flaw issue weakness bug problem defect / next DET
that affect > affecting / prev vulnerabilities flaws issues weaknesses bugs problems defects / next DET
affecting > that affects / prev vulnerability flaw issue weakness bug problem defect / next DET
that allows > allowing / prev vulnerability flaw issue weakness bug problem defect / next DET attackers
that allow > allowing / prev vulnerabilities flaws issues weaknesses bugs problems defects / next DET attackers
who has no account | without an account
who have no account | without an account
without an account > who has no account / prev attacker user visitor person adversary stranger
with an account > who has an account / prev attacker user visitor person adversary
who has an account | with an account / prev attacker user visitor person adversary
that has no > without a / prev THING / next session password account token
that have no > without a / prev THINGS / next session password account token
without a session > that have no session / prev THINGS / next PUNCT COMMA
that the client provides | that the client supplies | supplied by the client | provided by the client / prev NOUN data markup
that the user provides | that the user supplies | supplied by the user | provided by the user / prev NOUN data markup
that the caller provides | that the caller supplies | supplied by the caller / prev NOUN data markup
that the attacker controls | under the attacker's control / prev NOUN data markup
that the client controls | under the client's control / prev NOUN data markup
that the user controls | under the user's control / prev NOUN data markup
provided by the client | supplied by the client / prev NOUN data
provided by the user | supplied by the user / prev NOUN data
contains a > has a / next stack heap buffer memory race flaw vulnerability weakness bug defect path format
contain a > have a / next stack heap buffer memory race flaw vulnerability weakness bug defect path format
of fixed size | of a fixed size
of little use | of little help | of little value
we only recommend it as > we recommend it only as
produced no false | caused no false | raised no false / next alarms positives alerts
a sign of | an indication of / noprev no
signs of | indications of / prev for no any shows show / next an DET
before publication | ahead of publication | prior to publication
versions before | versions prior to | versions earlier than / next version DIGIT VERSION
releases before | releases prior to | releases earlier than / next version DIGIT VERSION
version before | version prior to | version earlier than / next version DIGIT VERSION
treat the details as confidential | keep the details confidential
treat this information as confidential | keep this information confidential
see an attack | notice an attack | observe an attack / prev you
you believe that | you think that / prev if
we believe that | we think that | it is our view that / noprev that
we assume that | our assumption is that / prev START PUNCT COMMA
we expect that | we anticipate that
we expect the | we anticipate the
this document describes | this document covers | this document discusses
this advisory describes | this advisory covers | this advisory discusses
this section describes | this section explains | this section covers / next how
we have verified that | we have confirmed that | we have checked that
we verified that | we confirmed that | we checked that
shows that | indicates that / noprev DET
show that | indicate that / noprev DET
limit the number of | restrict the number of
limits the number of | restricts the number of
limiting the number of | restricting the number of
which means that | with the result that > so / prev COMMA
even if | even when / next they it you the this an a
even when | even if / next they it you the this an a
are at risk | are in danger / next PUNCT COMMA
is at risk | is in danger / next PUNCT COMMA
afterwards > after that / next PUNCT / noprev START and
is kept | is retained / next and PUNCT COMMA
are kept | are retained / next and PUNCT COMMA
be kept on | be stored on
is kept on | is stored on
are kept on | are stored on
times a day | times per day
times an hour | times per hour
times a week | times per week
once a day | once per day
once an hour | once per hour
once a week | once per week
once a month | once per month
writes a message to the log | logs a message
write a message to the log | log a message
writes an entry to the log | logs an entry
in an hour | within an hour / prev restarts attempts requests events messages failures / next PUNCT COMMA
in a minute | within a minute / prev restarts attempts requests events messages failures / next PUNCT COMMA
be investigated | be looked into / next PUNCT COMMA
for their help | for their assistance | for their support / next PUNCT COMMA
for their assistance | for their help | for their support / next in with
for reporting this issue | for bringing this issue to our attention
for reporting these issues | for bringing these issues to our attention
questions about | questions regarding | questions concerning
comments about | comments on
be refused | be rejected / next PUNCT COMMA by and
is refused | is rejected / next PUNCT COMMA by and
are refused | are rejected / next PUNCT COMMA by and
is passed to | is handed to
are passed to | are handed to
we therefore recommend | for this reason we recommend / prev and
and we therefore > so we | which is why we / prev COMMA / next recommend advise ask suggest
we also recommend | we further recommend
checks whether | tests whether | verifies whether
check whether | see whether / prev can to you and
checked whether | tested whether | verified whether / prev we have
decides whether | determines whether
takes advantage of | makes use of / next DET
full control of | complete control of / noprev DET
full control over | complete control over / noprev DET
full access to | complete access to / noprev DET
a separate machine | another machine | a different machine / prev on to
a separate server | another server | a different server / prev on to
a separate host | another host | a different host / prev on to
a separate system | another system | a different system / prev on to
this is necessary | this is needed | this is required / next because since as to PUNCT COMMA
this is required | this is needed | this is necessary / next because since as to PUNCT COMMA
protect against | guard against / noprev DET
protects against | guards against / noprev DET
carefully | thoroughly / prev reviewed examined checked tested inspected read / next PUNCT COMMA
legitimately > for legitimate purposes / next PUNCT
has released | has published | has issued / next updates patches fixes DET software security
have released | have published | have issued / next updates patches fixes DET software security
we released | we published | we issued / next updates patches fixes DET software security
was first seen | was first observed
were first seen | were first observed
is due to > is caused by | results from / next improper insufficient missing incorrect inadequate
bypass > circumvent / prev MOD / next authentication DET
bypasses > circumvents / next authentication the this
bypassing > circumventing / next authentication the this
impersonate > pose as / prev MOD / next the a an another any
reproduce > replicate / prev MOD / next the this it DET
reproduced > replicated / prev be been / next PUNCT COMMA on in with by
was introduced in | first appeared in / next release version DIGIT VERSION
were introduced in | first appeared in / next release version DIGIT VERSION
originate from | come from
originates from | comes from
originating from | coming from
does not necessarily mean | need not mean
do not necessarily mean | need not mean
find evidence of | see evidence of | discover evidence of / prev you
contact our | get in touch with our / next support security team response
you can > you are able to / prev until once when before after / nonext not
limit access to | restrict access to
limits access to | restricts access to
limiting access to | restricting access to
access is limited to | access is restricted to
remove the risk | eliminate the risk
removes the risk | eliminates the risk
create a backup | make a backup | take a backup
create a copy | make a copy
make any changes > change anything / prev you they / next PUNCT COMMA
making any changes > changing anything / next PUNCT COMMA
further updates | additional updates / noprev no DET
investigation continues | investigation proceeds
the investigation is ongoing | the investigation is still under way | the investigation is in progress
is ongoing | is under way / prev investigation analysis work
helped us to | helped us / next understand find fix verify reproduce analyse identify investigate resolve
helped us understand > helped us to understand
up to one hour | up to an hour
removes it | deletes it / prev and which
handles nested | processes nested
at the time of publication | when this was published / next COMMA
is scheduled for | is planned for
are scheduled for | are planned for
will be published on | will be released on | will appear on
will be released on | will be published on | will appear on
in the coming days | in the next few days | over the next few days
in the coming weeks | in the next few weeks | over the next few weeks
is highly recommended | is strongly recommended
as quickly as possible | as soon as possible
leads to > results in / prev which this
during > in the course of / next a an
is therefore | is thus | is consequently / nonext that
are therefore | are thus | are consequently / nonext that
can therefore | can thus
should therefore | should thus
must therefore | must thus
that accompany > accompanying | that come with / prev THINGS / next this the
that accompanies > accompanying | that comes with / prev THING rule / next this the
will examine it | will analyse it | will look at it
fix > correct | remedy / prev to can not we will / next the a / near vulnerability flaw weakness issue problem bug error defect
attacks against | attacks on / noprev heap stack
attack against | attack on
who already have an account | with an existing account
who already has an account | with an existing account
collect the | gather the / next logs log evidence files data information / noprev DET
collect | gather / prev to and please / next information evidence data logs
terminate > end / prev to can also and please / near session sessions connection connections
verify the > check the / prev to can must should please / near signature configuration build fix certificate checksum hash
delete > remove | erase / prev MOD / next the a any all them it these those
deleting > removing | erasing / next the a any all them it these those
remain | stay / prev to may can will must should / next vulnerable exposed active undetected open valid in
includes | contains / next a an the / near fix fixes patch correction update list
include > contain / next a an the fixes / near fix fixes patch correction updates / prev releases versions updates
particularly if | especially if
particularly when | especially when
immediately after | right after | directly after
exactly how | precisely how
exactly when | precisely when
exactly what | precisely what
fully | completely / next patched removed resolved
at most | no more than / next DIGIT / noprev not
a large amount of | a great deal of
the following $many | these $many / prev START / next are have must should can were
in the logs | in the log files / next PUNCT COMMA for and
the logs | the log files / prev check search review keep preserve / next PUNCT COMMA for and
root cause | underlying cause / prev the / next is of
there are no workarounds | no workarounds exist / prev START
there is no workaround | no workaround exists / prev START
customers are advised to | we advise customers to / prev START
users are advised to | we advise users to / prev START
administrators are advised to | we advise administrators to / prev START
operators are advised to | we advise operators to / prev START
customers are encouraged to | we encourage customers to / prev START
users are encouraged to | we encourage users to / prev START
administrators are encouraged to | we encourage administrators to / prev START
customers are urged to | we urge customers to / prev START
users are urged to | we urge users to / prev START
administrators are urged to | we urge administrators to / prev START
customers are asked to | we ask customers to / prev START
users are asked to | we ask users to / prev START
partners are asked to | we ask partners to / prev START
it is recommended that | we recommend that / prev START
we will update this document | this document will be updated / next as when if once
we will update this advisory | this advisory will be updated / next as when if once
this document will be updated | we will update this document / next as when if once
this advisory will be updated | we will update this advisory / next as when if once
we found that | we discovered that
we discovered that | we found that
it turned out that | it emerged that
as far as we can tell | as far as we can see
before the update | ahead of the update / next PUNCT COMMA
after the update | following the update / next PUNCT COMMA
before the upgrade | ahead of the upgrade / next PUNCT COMMA
after the upgrade | following the upgrade / next PUNCT COMMA
after publication | following publication / next PUNCT COMMA
our support team | our support staff
with the latest | with the most recent | with the newest / next version updates patches release
the latest | the most recent | the newest / next release updates patches firmware
the current version | the present version / noprev than
an earlier | a previous / next version release attack incident warning
earlier | previous / prev in from the of / next versions releases
all earlier | all previous / next versions releases
so > and so / prev COMMA / next the a an it they
was notified | was informed / prev vendor
were notified | were informed / prev partners vendors customers
trick | lure / prev to could can / next a the an / near into
be carried out | be performed / prev can could may might
make sure > ensure / prev START and to please / next DET it they you
stays open | remains open
stay open | remain open
we have seen | we have observed / next attempts attacks evidence exploitation
mostly | mainly > largely / next from in by on
working with us | cooperating with us | collaborating with us / prev for by
the following table | the table below / prev START / next shows lists gives contains
the table below | the following table / prev START / next shows lists gives contains
the following list | the list below / prev START / next shows gives contains
there is no known workaround | no workaround is known / prev START
there are no known workarounds | no workarounds are known / prev START
the risk can be reduced | the risk can be lowered
is not at risk | is not in danger / next PUNCT COMMA
are not at risk | are not in danger / next PUNCT COMMA
needs access to | requires access to
need access to | require access to
every night | each night
every day | each day / noprev almost nearly
every week | each week
every month | each month
every year | each year
every hour | each hour
it happens when | it occurs when
this happens when | this occurs when
this happens if | this occurs if
helps to | helps / next find fix identify detect prevent protect understand locate reduce
help to | help / next find fix identify detect prevent protect understand locate reduce
is allowed | is permitted / next PUNCT COMMA to
are allowed | are permitted / next PUNCT COMMA to
as a result of | as a consequence of
a lack of | an absence of
or later | or newer / prev VERSION / next PUNCT COMMA
and earlier | and older / prev VERSION / next PUNCT COMMA are is
and later | and newer / prev VERSION / next PUNCT COMMA are is
it was discovered that | it was found that
researchers discovered | researchers found / next that DET
was caused by | resulted from
were caused by | resulted from
makes it possible for > allows / next DET attackers
make it possible for > allow / next DET attackers
made it possible for > allowed / next DET attackers
`
