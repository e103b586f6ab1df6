/**
 * Wordings that can replace each other, with the surroundings that they need.
 *
 * A line in this file, wordings.ts, phrases.ts, sayings.ts and idioms.ts is one entry. A line in fragile.ts is one
 * too; a house style may make its forms equal. A line with `$` is one entry for each thing in nouns.ts.
 *
 * `a | b | c` are found and exchanged for each other. In `a > b | c`, only the forms before `>` are found. In
 * `verbs`, `=` separates verbs, and their columns of inflections correspond.
 *
 * After `/` come conditions: `next` and `prev` (one of these must be there), `nonext` and `noprev` (none of these).
 * Small words are literal. Capitals are the classes below, and START (of a sentence), COMMA, PUNCT (other than a
 * comma; also the end of a paragraph), DIGIT (a whole number), VERSION (such as 7.4.2), ING (a word in -ing), CODE.
 * Text behind formatting is unknown: it satisfies no `next` or `prev`, and fails `nonext` and `noprev`. `near` and
 * `nonear` look at the next five words without a sign between; ED is a word in -ed there. With `whole`, all places in
 * a document are one decision, for lines that name the same beginnings of their forms.
 *
 * Rule for a new entry: in each text that satisfies its conditions, each form reads as if a careful person wrote it,
 * means the same and is as true. Severity, numbers, names, versions and technical terms are never exchanged.
 */
export const classes: Readonly<Record<string, string>> = {
    DET: `a an the this these those any all each every some no its their your our his her such both another one two
        three most many`,
    BE: `is are was were be been being`,
    MOD: `to can could may might will would must should cannot not you we they`,
    PAST: `ED was were had been did came went got made took gave found saw said knew left sent kept held built ran began became`,
    PREP: `by in on to from with for at through via before after during without under within over against into`,
    THING: `request server client user attacker device file message session page system service application host gateway
        machine process product version component account value field header function module parser handler library
        plugin interface program tool check rule code data input command script certificate key token`,
    THINGS: `requests servers clients users devices files messages sessions pages systems services applications hosts gateways
        machines processes products versions components accounts values fields headers functions modules parsers handlers
        libraries plugins interfaces programs tools checks rules commands scripts certificates keys tokens links archives
        attachments instances installations connections packets releases editions objects entries records events
        environments configurations networks images documents websites sites appliances clusters nodes containers
        customers organisations organizations partners people administrators operators teams`,
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
        input inputs data record records string strings setting settings command commands payload payloads log logs
        device devices instance instances release releases edition editions appliance appliances gateway gateways
        machine machines image images document documents attachment attachments archive archives link links
        certificate certificates connection connections packet packets entry entries event events cluster clusters
        container containers website websites network networks environment environments type types text texts
        installation installations part parts copy copies interface interfaces`,
    VERB: `is are was were has have had can could may might will would must should does do did allows contains includes
        requires runs handles processes uses affects accepts reads writes needs exists comes holds checks sends returns
        calls leads lets makes gives shows serves controls accompanies follows decides carries`,
    WHO: `administrators users customers operators organisations organizations defenders partners vendors teams
        maintainers developers`,
}
