/**
 * Wordings that may stand for each other wherever they are found, and the surroundings that they need for it.
 *
 * A line, here, in wordings.ts and in phrases.ts, is one entry: `a | b | c` are found and exchanged for each other;
 * with `a > b | c` only what is left of `>` is found. In `verbs`, `=` parts the verbs and their columns of inflections
 * correspond. After `/` stand conditions: `next`, `prev` (one of these must be there), `nonext`, `noprev` (none of
 * these). Small words are meant literally, capitals are the classes below, and START (of a sentence), COMMA, PUNCT
 * (other than a comma; the end of a paragraph too), DIGIT (a whole number), ING (a word in -ing), CODE. What is behind
 * formatting is unknown: it meets no `next` or `prev`, and fails `nonext` and `noprev`.
 *
 * The law for a new entry: whatever text meets its conditions, each form must read as a careful person wrote it, mean
 * the same, and be as true. Severity, numbers, names, versions and terms of art are not for exchange.
 */
export const classes: Readonly<Record<string, string>> = {
    DET: `a an the this these those any all each every some no its their your our his her such both another one two
        three most many`,
    FUNC: `in on of to for with by from at and or but that which who is are was were has have had can could may might
        will would must should does do did allows exists affects when if as because until while without before after
        through via during into against between within under over not cannot also then only needs requires lies where
        whose than since so itself remains occurs concerns gives lets permits leads results`,
    NOUN: `vulnerability flaw weakness issue bug defect vulnerabilities flaws weaknesses issues component components
        module modules function functions endpoint endpoints script scripts page pages file files process processes
        service services server servers system systems product products version versions request requests response
        responses message messages parameter parameters header headers field fields value values code path paths
        account accounts token tokens key keys session sessions library libraries plugin plugins update updates patch
        patches rule rules tool tools program programs application applications feature features device devices host
        hosts condition conditions check checks control controls mechanism mechanisms object objects handler parser
        input inputs data record records string strings setting settings command commands payload payloads log logs`,
    VERB: `is are was were has have had can could may might will would must should does do did allows contains includes
        requires runs handles processes uses affects accepts reads writes needs exists comes holds checks sends returns
        calls leads lets makes gives shows serves controls accompanies follows decides carries`,
    WHO: `administrators users customers operators organisations organizations defenders partners vendors teams
        maintainers developers`,
}

export const verbs = `
allow allows allowed allowing > permit permits permitted permitting = enable enables enabled enabling / next DET attackers
permit permits permitted permitting > allow allows allowed allowing / next DET attackers
review reviews reviewed reviewing = examine examines examined examining = inspect inspects inspected inspecting / next DET / noprev DET
monitor monitors monitored monitoring > watch watches watched watching / next DET / noprev a the to
modify modifies modified modifying = alter alters altered altering > change changes changed changing / next DET / noprev DET
require requires required requiring > need needs needed needing / next a an the no DIGIT / noprev is are be was were
need needs > require requires / next a an no / noprev DET
provide provides provided providing = supply supplies supplied supplying / next a an the / noprev DET
reduce reduces reduced reducing = lower lowers lowered lowering / next DET
prevent prevents prevented preventing > stop stops stopped stopping / next an attackers the any / noprev DET
retain retains retained retaining = preserve preserves preserved preserving / next DET / noprev DET
publish publishes published publishing = release releases released releasing > issue issues issued issuing / next a an the / noprev DET
discover discovers discovered discovering = find finds found finding = identify identifies identified identifying / next a an
describe describes described describing = explain explains explained explaining = outline outlines outlined outlining / next how the
complete completes completed completing = finish finishes finished finishing / next the / noprev DET
disable disables disabled disabling > deactivate deactivates deactivated deactivating / next DET
restrict restricts restricted restricting = limit limits limited limiting / next DET / noprev DET
inform informs informed informing = notify notifies notified notifying / next DET us
obtain obtains obtained obtaining = acquire acquires acquired acquiring / next a an the / noprev DET
reveal reveals revealed revealing = disclose discloses disclosed disclosing / next DET
perform performs performed performing = carry-out carries-out carried-out carrying-out / next a an any the / noprev DET
investigate investigates investigated investigating = look-into looks-into looked-into looking-into / next DET
address addresses addressed addressing > fix fixes fixed fixing = resolve resolves resolved resolving / next this these both / noprev DET
locate locates located locating = find finds found finding / next all any every / noprev is are
begin begins began begun beginning = start starts started started starting / next to with / noprev DET
send sends sent sending > submit submits submitted submitting / next a an / noprev DET
show shows showed showing = indicate indicates indicated indicating / next that
build builds built building = construct constructs constructed constructing / next a an / noprev DET
select selects selected selecting = choose chooses chose choosing / next the a an
fix fixes fixed fixing > correct corrects corrected correcting = remedy remedies remedied remedying / next this these both / noprev DET
record recorded recording > log logged logging / next DET / noprev DET
`
