/** Ways of saying the same, part one; how to read a line, and the law for a new one, in lexicon.ts. */
export const phraseVariants = `
for example | for instance
in addition | additionally / prev START / nonext to
as a result | as a consequence | consequently / next COMMA
therefore | for this reason | consequently / prev START / next COMMA
and therefore | and thus > and so
because of | owing to > due to / noprev is are was were be not
due to > because of | owing to / noprev is are was were be not / nonext be appear expire end the
due to the fact that | owing to the fact that > because
because > since / next DET it they we you he she there attackers / nonear PAST / noprev just only not is are was simply precisely but
because > since / next DET it they we you he she there attackers / near is are does do can may must should will / nonear was were had been / noprev just only not is are was simply precisely but
since > because / prev COMMA / next DET it they we you / near is are can does do has have may / nonear was were been
although | even though > though / noprev START
in order to > so as to | to / noprev not START
in order to > to / prev START
with regard to | with respect to > regarding | concerning
regarding | concerning / next DET / noprev is are be was were START
together with | along with
along with > as well as / next DET
a number of > several | various / nonext the these those
several > a number of / nonext FUNC VERB COMMA PUNCT more dozen hundred thousand times days weeks months hours minutes / noprev DET of or
numerous > many
a wide range of | a wide variety of | a broad range of
a variety of | a range of
often | frequently / noprev how too so as very
usually | generally | normally | typically / noprev more not as / nonext available speaking
primarily | mainly | chiefly
almost | nearly / noprev not / nonext COMMA PUNCT no never nothing nobody any anything as
completely | entirely / nonext new different
rapidly > quickly | swiftly
quickly | swiftly | rapidly / noprev how as so too very
easily | readily / noprev how as so too very more
promptly | without delay / next PUNCT COMMA
as soon as possible | without delay | at the earliest opportunity
currently | at present | at this time / prev is are
at this time | at present | currently / prev START / next COMMA
at the moment | at present / next PUNCT COMMA
in the meantime | meanwhile / next COMMA
until then > in the meantime | meanwhile / prev START / next COMMA
regardless of | irrespective of
in particular | above all / prev START / next COMMA
in some cases | in some instances | in certain cases
in most cases | in most instances
in many cases | in many instances
in certain circumstances | under certain circumstances | under certain conditions
at the same time | simultaneously / nonext as that when
taken together | together / prev START / next COMMA
by other means | in other ways
upgrade to | update to / next version VERSION the release
to date | so far | thus far / noprev up back from / nonext as away that the a
previous versions | earlier versions | prior versions
previous version | earlier version | prior version
later versions | newer versions | subsequent versions
and later | and newer / next PUNCT COMMA are is
latest version | most recent version | newest version
latest updates | most recent updates | newest updates
results from | stems from | arises from / noprev the these those these test search
results in > leads to / nonext this / noprev the these those test search
result in | lead to / prev may can could might will would that which not
resulting in | leading to
resulted in | led to
is caused by | results from | stems from | arises from
are caused by | result from | stem from | arise from
consists of | is made up of | is composed of
consist of | are made up of | are composed of
relies on > depends on
rely on > depend on
tries to > attempts to | seeks to / noprev DET more
tried to > attempted to | sought to
try to > attempt to | seek to / noprev DET
attempted to > tried to | sought to / noprev is was
trying to > attempting to | seeking to
ensure that | make sure that
to ensure | to make sure / next that DET
verify that | check that | confirm that / prev START COMMA PUNCT to can should must please and then / next DET it they you we nothing nobody
verifies that > checks that | confirms that / next DET it they you we
verify whether | check whether | establish whether / prev START COMMA PUNCT to can should must please and then
determine whether | find out whether | establish whether
check whether | check if / next DET it they you your any
strongly recommend | strongly advise
strongly recommends | strongly advises
strongly recommended | strongly advised
we recommend | we advise / next that ING
recommends that | advises that
it is recommended that | it is advisable that
is aware of | knows of
are aware of | know of
is not aware of | does not know of
are not aware of | do not know of
would like to thank | wish to thank | thank / prev we
cooperated with | collaborated with > worked with
worked with us | cooperated with us | collaborated with us
cooperating with | collaborating with > working with / next DET
over the network | across the network
by means of > using | with the help of
gain access to | obtain access to | get access to
gains access to | obtains access to | gets access to
gained access to | obtained access to | got access to
gaining access to | obtaining access to | getting access to
gain control of | take control of | obtain control of
gains control of | takes control of | obtains control of
gained control of | took control of | obtained control of
take over the session | gain control of the session
take over the server | gain control of the server
take over the account | gain control of the account
reduce the risk | lower the risk
reduces the risk | lowers the risk
reducing the risk | lowering the risk
execute arbitrary code | run arbitrary code
executes arbitrary code | runs arbitrary code
executing arbitrary code | running arbitrary code
execute arbitrary commands | run arbitrary commands
execute commands | run commands
specially crafted | maliciously crafted
reachable from the internet | accessible from the internet | exposed to the internet
internet-facing > internet-exposed | publicly reachable
publicly accessible | publicly reachable
sensitive data | sensitive information / nonext is are was were
suspicious activity | unusual activity
signs of compromise | indications of compromise | evidence of compromise / noprev no
look for | search for
looking for | searching for
carry out the following steps | perform the following steps | complete the following steps | take the following steps
listed below | given below | set out below
described below | explained below | set out below
described above | explained above | set out above
described in | explained in | set out in / next DET
as more information becomes available > as more becomes known | as we learn more
is available from > can be obtained from
are available from > can be obtained from
part of | a part of / prev is as becomes / next DET
this kind of | this type of | this sort of
that kind of | that type of | that sort of
these kinds of | these types of
this kind | this type | this sort / prev of / nonext of
was able to > managed to
were able to > managed to
appears to | seems to
appear to | seem to / noprev DET
appeared to | seemed to
shortly after | soon after
shortly before | just before
should be considered | should be regarded as | should be treated as / nonext when in for before by as if until after with
must be considered | must be regarded as | must be treated as / nonext when in for before by as if until after with
cases in which | cases where
situations in which | situations where
environments in which | environments where
in environments where | in environments in which
versions in which | versions where
to do so | to do this / noprev and
finally | lastly / prev START / next COMMA
once again | once more > again
in advance | beforehand | ahead of time / nonext of / noprev far
in contrast | by contrast / next COMMA
similarly | likewise / prev START / next COMMA
in summary | in short | in brief / prev START / next COMMA
in general | as a rule | generally / prev START / next COMMA
in fact | indeed / prev START / next COMMA
as needed | as required | as necessary / nonext by to for in
if necessary | if required | if needed | where necessary / nonext by to
where possible | if possible | wherever possible | whenever possible
to our knowledge | as far as we know | to the best of our knowledge
by hand > manually
at any time | at any point / nonext in
at first | initially / prev START / next COMMA
is located in > is found in | resides in | lies in
are located in > are found in | reside in | lie in
exists in | is present in
exist in | are present in
is intended to | is meant to | is designed to
are intended to | are meant to | are designed to
it is important to | it is essential to
is necessary to | is needed to
takes place > happens | occurs / nonext to
occurs | happens / prev overflow error attack failure crash corruption leak this
take place > happen | occur / nonext to
took place > happened | occurred / nonext to
occurred | happened / prev overflow error attack failure crash corruption leak this what
remains vulnerable | stays vulnerable
remain vulnerable | stay vulnerable
remains exposed | stays exposed
remain exposed | stay exposed
remains in place | stays in place
remain in place | stay in place
remains active | stays active
remain valid | stay valid
remains valid | stays valid
a few > a small number of | a handful of / nonext FUNC PUNCT COMMA more / noprev DET quite only
a large number of | a great number of
each time > every time | whenever / next DET it they we you he she
whenever > each time | every time / next DET it they we you he she
within a short time | within a short period / next PUNCT COMMA
easy to recognise | easy to spot / noprev not
as long as | so long as / next the this these it they we you he she nobody / noprev for
as soon as > once / next DET it they we you / noprev otherwise and or
once > after | as soon as / prev START / next DET it they we you
information about > information on
more information | further information | additional information / noprev DET no
more details | further details | additional details / noprev DET no
further guidance | additional guidance | more guidance
further analysis | additional analysis
further steps | additional steps
additional steps | further steps
additional measures | further measures
additional protection | further protection
details about | details of | details on / next DET
guidance on | guidance about / next DET how ING
instructions on how to | instructions for how to
see the | refer to the | consult the / prev START please COMMA
thoroughly | carefully / prev START be
regularly | periodically
correctly | properly / noprev is are was were not how more if
does not properly | does not correctly | does not adequately
do not properly | do not correctly | do not adequately
did not properly | did not correctly | did not adequately
not properly | not correctly | not adequately / noprev does do did if is are
is not properly | is not correctly | is not adequately
are not properly | are not correctly | are not adequately
incorrectly | wrongly
insufficient validation | inadequate validation
insufficient checks | inadequate checks
significantly | considerably | substantially
significant | considerable | substantial / next part number amount portion effort share increase reduction time
difficult to | hard to / noprev more less very most too so how as
easy to | simple to / prev is are be becomes
a complete list of | a full list of
the entire > the whole / noprev of
main cause | principal cause | chief cause
main reason | principal reason | chief reason
main purpose | principal purpose | chief purpose
the aim of | the purpose of | the goal of / noprev for
suitable | appropriate / next measures steps controls protection safeguards permissions time place way means
necessary permissions | required permissions
necessary privileges | required privileges
necessary rights | required rights
`
