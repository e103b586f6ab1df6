/** Describes an approval's effects in words: who gets what, and when. */
import type { Difference } from "../../../../server/src/models/high-water.ts"
import type { ReactNode } from "react"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { requirementKinds } from "../../../../server/src/trust/partners/requirements/requirement.ts"
import type { RecipientGroup } from "../../../../server/src/trust/approvals/approval.ts"
import type { Rules } from "../../../../server/src/trust/partners/program-rules.ts"
import type { Duty } from "../../../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import { When } from "../../kit/instant.tsx"
import { Facts, Lines } from "../../kit/table.tsx"
import type { Approval } from "../answers.ts"
import { AttestedClock, BrokenEmbargo, OpenedKey, ThawedWave, detailOf, linkTo } from "./effect-parts.tsx"
import { HowItGoesOut } from "./waves/unmarked-parts.tsx"
import { measureActs, measureRows } from "../measures/measure-effects.tsx"
import { DeletionText } from "../cases/content.tsx"
import { AmendmentText, type Said, SaidOf } from "../cases/amendment-diff.tsx"
import { type Names, useArtifacts, useCan, useMayRead, useNames, useNow } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"
import { provenInWords, reasonTexts } from "../overview/quarantine-words.ts"
import { rich, t, valueText } from "../../messages/message.ts"

interface Reconciled {
    readonly reasons: readonly Difference[]
    readonly proven: { readonly receipts: number; readonly batches: number }
}

type Row = readonly [name: string, value: ReactNode]

export function EffectsInWords({ approval }: { approval: Approval }) {
    const names = useNames()
    const things = useArtifacts()
    const can = useCan()
    const { recipients, artifacts, recipientGroups: openings, at } = approval.effects
    const list = recipients.map((recipient) => names.partner(recipient)).toSorted()
    const rows: Row[] = [
        ...(approval.action in acts ? [[t("Effect"), acts[approval.action]?.(approval, names)] as const] : []),
        ...wordRows(approval),
    ]
    const cases = [
        ...new Set(artifacts.map((artifactVersion) => things.find(({ id }) => id === artifactVersion.artifact)?.case)),
    ]
    const titles = cases.flatMap((caseId) => (caseId === undefined ? [] : names.case(caseId)))
    if (titles.length > 0) rows.push([t("Case"), titles.join(", ")])
    const versionsIn = (artifacts: RecipientGroup["artifacts"]): string =>
        artifacts
            .map(({ artifact, version }) => `${names.artifact(artifact)} v${version}`)
            .toSorted()
            .join(", ")
    if (list.length > 0) rows.push([t("Partners ({count})", { count: list.length }), list.join(", ")])
    if (artifacts.length > 0) rows.push([t("Artifacts ({count})", { count: artifacts.length }), versionsIn(artifacts)])
    const isHandedOut = approval.action !== "case.delete_content"
    if (list.length > 0 && artifacts.length > 0 && isHandedOut && can("wave:read")) {
        rows.push([t("Marks"), <HowItGoesOut key="marks" subject={{ approval: approval.id }} />])
    }
    for (const opening of openings ?? []) {
        const partners = opening.recipients.map((partner) => names.partner(partner)).toSorted()
        rows.push([t("For {partners}", { partners: partners.join(", ") }), versionsIn(opening.artifacts)])
    }
    if (isPublication(approval)) rows.push([t("Public"), publicWords])
    const statement = saidIn(approval, cases[0])
    if (statement !== null) rows.push([t("Text for partners"), <SaidOf key="said" {...statement} />])
    rows.push([t("When"), at === null ? t("once applied") : <When key="at" at={formatInstant(at)} />])
    return (
        <>
            <Facts items={rows} />
            {approval.action === "case.amend" && (
                <AmendmentText approval={approval} caseId={String(detailOf(approval).case)} />
            )}
        </>
    )
}

/** The text that becomes public when the embargo ends. The signer signs it too. */
export const publicWords = t(
    "At that instant, the facts of the case and its released summaries and guidance (.md, .txt) become public, whatever their label except TLP:RED.",
)

function isPublication(approval: Approval): boolean {
    return (
        approval.action === "embargo.terminate" ||
        (approval.action === "wave.release" && detailOf(approval).tier === "publication")
    )
}

/** Names the source of the signed text, if the text is signed verbatim. */
function saidIn(approval: Approval, ofArtifacts: string | undefined): Said | null {
    const { case: id = ofArtifacts, revision } = detailOf(approval)
    if (approval.action === "case.amend" || typeof id !== "string" || typeof revision !== "number") return null
    return { case: id, revision }
}

const listed = (values: unknown): string =>
    Array.isArray(values) ? values.map((value) => valueText(String(value))).join(", ") : ""

const acts: Readonly<Record<string, (approval: Approval, names: Names) => ReactNode>> = {
    "wave.release": (approval) => {
        const tier = String(detailOf(approval).tier)
        return t("The {tier} wave is released to its partners", {
            tier: tierNames[tier as keyof typeof tierNames] ?? tier,
        })
    },
    "wave.unfreeze": (approval) => <ThawedWave approval={approval} />,
    "embargo.terminate": (approval, names) => <BrokenEmbargo approval={approval} names={names} />,
    "recall.lift": () => t("Partners can read the recalled versions again"),
    "wave.late_release": () => t("Released waves open this version. It supersedes the version that partners hold"),
    "consent.invite": (approval, names) =>
        rich("Invited to the embargo of {case}: a partner that accepts gets what released waves have opened", {
            case: caseLink(detailOf(approval).case, names),
        }),
    "case.link": (approval, names) => {
        const { case: from, to, kind } = detailOf(approval)
        return rich("{case} is linked as a {kind} {other}. By the policy, partners get more of it at once", {
            case: caseLink(from, names),
            kind: valueText(String(kind)),
            other: names.case(String(to)),
        })
    },
    "case.amend": (approval, names) =>
        rich("Warned partners of {case} read the amended text", { case: caseLink(detailOf(approval).case, names) }),
    "case.delete_content": (approval, names) => {
        const { case: id, sightings, questions } = detailOf(approval)
        return (
            <>
                {rich(
                    "The content of {case} is deleted, with {sightings, plural, one {# report} other {# reports}} and {questions, plural, one {# question} other {# questions}}",
                    { case: caseLink(id, names), sightings: Number(sightings), questions: Number(questions) },
                )}
                <DeletionText />
            </>
        )
    },
    "case.lift_hold": (approval, names) =>
        rich("The legal hold of {case} ends. Two people can then delete its content and its evidence", {
            case: caseLink(detailOf(approval).case, names),
        }),
    "case.dismiss_reports": (approval, names) => {
        const { case: id, reports } = detailOf(approval)
        return rich(
            "{count, plural, one {One report of exploitation of {case} no longer counts} other {# reports of exploitation of {case} no longer count}}. A later report counts again",
            { count: Array.isArray(reports) ? reports.length : 0, case: caseLink(id, names) },
        )
    },
    "policy.activate": (approval) => {
        const { version, replaces } = detailOf(approval)
        const values = { version: String(version), link: linkTo(`/policy/${String(version)}`) }
        return typeof replaces === "number"
            ? rich("<link>Policy version {version}</link> replaces version {replaces}", { ...values, replaces })
            : rich("<link>Policy version {version}</link> comes into force", values)
    },
    "partner.change_tier": (approval, names) =>
        t("{partner} gets the tier {tier}", {
            partner: partnersOf(approval, names),
            tier: valueText(String(detailOf(approval).tier)),
        }),
    "partner.activate": (approval) => <Admitted approval={approval} />,
    "partner.relax_duties": (approval, names) =>
        t("Reporting duties of {partner} are relaxed", { partner: partnersOf(approval, names) }),
    ...measureActs,
    "partner.add_person": (approval, names) =>
        t("A person joins {partner} and gets a sign-in link by mail", { partner: partnersOf(approval, names) }),
    "partner.import": ({ id, effects }) => {
        const { partners, people } = (effects.detail ?? {}) as Readonly<Record<string, number>>
        return rich(
            "{partners, plural, one {# partner is} other {# partners are}} added, and {people, plural, one {# person joins and gets} other {# people join and get}} a sign-in link by mail. <link>Read every line</link> before you sign",
            { partners, people, link: linkTo(`/partners/import/${id}`) },
        )
    },
    "artifact.read_master": (approval, names) =>
        t("{person} reads the master of one version, without marks, once", {
            person: names.person(String(detailOf(approval).reader)),
        }),
    "partner.renew_link": (approval) => <RenewedLink approval={approval} />,
    "partner.accept_key": (approval, names) => <AcceptedKey approval={approval} names={names} />,
    "person.join": (approval) =>
        t("A person joins as {roles} and gets a sign-in link by mail", {
            roles: listed(detailOf(approval).roles),
        }),
    "person.recover": (approval, names) => {
        const { person, roles, urgent } = detailOf(approval)
        const values = { person: names.person(String(person)), roles: listed(roles) }
        return urgent === true
            ? t("{person} ({roles}) gets a new sign-in link by mail now. Passkeys, sessions and tokens end now", values)
            : t(
                  "{person} ({roles}) gets a new sign-in link by mail a day later, when passkeys, sessions and tokens end. Until then the person can cancel it",
                  values,
              )
    },
    "person.add_roles": (approval, names) =>
        t("{person} gets the roles {roles}", {
            person: names.person(String(detailOf(approval).person)),
            roles: listed(detailOf(approval).roles),
        }),
    "program_rules.relax_requirements": () => t("Overdue requirements withhold content later than before"),
    "annual_report.publish": (approval) =>
        rich("The figures of {year} become public, as shown under <link>Statistics</link>", {
            year: String(detailOf(approval).year),
            link: linkTo("/statistics"),
        }),
    "program_rules.share_aggregates": (approval) =>
        t("Partners see in ranges how many others reported something, in groups of at least {smallest}", {
            smallest: String(detailOf(approval).groupMin),
        }),
    "agreement.lengthen": (approval) =>
        t(
            "The agreement consents in advance to embargoes of up to {days, plural, one {# day} other {# days}}, longer than before",
            { days: Number(detailOf(approval).longestEmbargoDays) },
        ),
    "clock.confirm": (approval) => <AttestedClock approval={approval} />,
    "quarantine.reconcile": (approval) => {
        const { reasons, proven } = detailOf(approval) as Readonly<Record<string, unknown>> & Reconciled
        const texts = reasons.map((reason) => reasonTexts[reason])
        return [t("Partners are served from this database again."), ...texts, provenInWords(proven)].join(" ")
    },
    "marks.disclose_keys": (approval) => <OpenedKey approval={approval} />,
    "evidence.lift_hold": (approval) =>
        rich("The legal hold of <link>the evidence</link> ends. Two people can then delete it", {
            link: linkToEvidence(approval),
        }),
    "evidence.delete": (approval) =>
        rich(
            "The content, notes and key of <link>the evidence</link> are destroyed, with its attributions. You cannot undo this. Its hash and chain of custody stay",
            { link: linkToEvidence(approval) },
        ),
    "evidence.attribute": (approval) =>
        rich(
            "<link>The evidence</link> is attributed at α = {alpha}. This is the largest probability that an innocent recipient is identified, over all attributions of the case",
            { link: linkToEvidence(approval), alpha: String(detailOf(approval).alpha) },
        ),
    "finding.confirm": (approval) =>
        rich("A finding. Read it <link>in its inquiry</link>", { link: linkToInquiry(approval, "finding") }),
    "tracing_instruction.extend": (approval) =>
        rich("A tracing instruction stays active after the inquiry closes. Read it <link>in its inquiry</link>", {
            link: linkToInquiry(approval, "release"),
        }),
    "tracing_instruction.activate": (approval) =>
        rich("A tracing instruction for the next copies of a class. Read it <link>in its inquiry</link>", {
            link: linkToInquiry(approval, "release"),
        }),
}

const caseLink = (id: unknown, names: Names) => linkTo(`/cases/${String(id)}`)(names.case(String(id)))

const linkToEvidence = (approval: Approval) => linkTo(`/leaks/evidence/${String(detailOf(approval).evidence)}`)

const linkToInquiry = (approval: Approval, tab: "finding" | "release") =>
    linkTo(`/leaks/inquiries/${String(detailOf(approval).inquiry)}/${tab}`)

const partnersOf = (approval: Approval, names: Names): string =>
    approval.effects.recipients.map(names.partner).join(", ")

const usePartnerOf = (approval: Approval) =>
    useMayRead("partner:read", `/api/partners/${approval.effects.recipients[0]}`).data

/** Lists the members at the time of the request. Each of them gets read access. */
function Admitted({ approval }: { approval: Approval }) {
    const names = useNames()
    const partner = usePartnerOf(approval)
    const { roster, recipients } = detailOf(approval)
    const keys = Array.isArray(recipients) ? recipients.map(String) : []
    const named = membersIn(approval.text?.roster)
    const people = membersIn(roster).map(({ person, roles }) => {
        const signed = named.find((item) => item.person === person)
        const input = signed ?? partner?.roster.find(({ id }) => id === person)
        return `${input ? `${String(input.name)} <${String(input.mail)}>` : t("a person")} (${listed(roles)})`
    })
    const values = { partner: partnersOf(approval, names), people: people.join("; ") }
    return (
        <>
            {people.length === 0
                ? t("{partner} joins the program with no people", values)
                : t("{partner} joins the program with {people}", values)}
            {". "}
            {keys.length === 0
                ? t("It has no key: the first key that a lead adds is usable at once")
                : t("Copies are then sealed to these keys, which its leads added. Call the partner and compare them")}
            {keys.map((key) => (
                <code key={key} className="hash">
                    {key}
                </code>
            ))}
        </>
    )
}

function RenewedLink({ approval }: { approval: Approval }) {
    const names = useNames()
    const { person, urgent } = detailOf(approval)
    const partner = usePartnerOf(approval)
    const known = partner?.roster.find(({ id }) => id === person)
    const { name = known?.name, mail = known?.mail } = approval.text ?? {}
    const values = { partner: partnersOf(approval, names), name: String(name), mail: String(mail) }
    const when =
        urgent === true ? t("It is mailed now") : t("It is mailed a day later; until then the person can cancel it")
    const sentence =
        name === undefined || mail === undefined
            ? t(
                  "A person of {partner} gets a new sign-in link to its own address. Passkeys, sessions and tokens end then.",
                  values,
              )
            : t(
                  "{name} of {partner} gets a new sign-in link to {mail}. Passkeys, sessions and tokens end then.",
                  values,
              )
    return `${sentence} ${when}`
}

function AcceptedKey({ approval, names }: { approval: Approval; names: Names }) {
    const { recipient, atOnce, usableFrom } = detailOf(approval)
    const hasStarted = parseInstant(String(usableFrom)) <= parseInstant(useNow())
    const values = {
        partner: partnersOf(approval, names),
        recipient: <code className="hash">{String(recipient)}</code>,
        start: <When at={String(usableFrom)} />,
    }
    return (
        <>
            {atOnce === true
                ? rich(
                      "Copies of {partner} are sealed to {recipient} at once, because the partner has no usable key",
                      values,
                  )
                : hasStarted
                  ? rich(
                        "Copies of {partner} are sealed to {recipient} at once, because the key was added more than 24 hours ago",
                        values,
                    )
                  : rich(
                        "Copies of {partner} are sealed to {recipient} once applied, from {start} at the earliest",
                        values,
                    )}
            {". "}
            {t("Sign only after you called the partner yourself and it read out this recipient")}
        </>
    )
}

/** Rows of the texts that the effects contain only as hashes. */
function wordRows(approval: Approval): readonly Row[] {
    const { action, text: words } = approval
    if (words === null) return []
    if (action in measureActs) return measureRows(words)
    if (action.startsWith("evidence.")) return [[t("Reason"), String(words.reason)]]
    if (["embargo.terminate", "case.delete_content", "case.lift_hold"].includes(action))
        return [[t("Reason"), String(words.reason)]]
    if (action === "artifact.read_master" || action === "case.dismiss_reports")
        return [[t("Reason"), String(words.reason)]]
    if (action === "partner.add_person" || action === "person.join" || action === "person.recover") {
        const { name, mail, roles } = words
        return [[t("Person"), `${String(name)} <${String(mail)}>, ${listed(roles)}`]]
    }
    if (action === "partner.relax_duties") {
        const duties = words.duties as readonly Duty[]
        const lines = duties.map(({ regime, source }) => `${regime}: ${source}`)
        return [[t("New duties"), lines.length === 0 ? t("none") : <Lines key="duties" items={lines} />]]
    }
    if (action === "agreement.lengthen") return [[t("Text"), String(words.text)]]
    if (action === "program_rules.relax_requirements") return dueRows(words.rules as Rules["requirements"])
    return []
}

type Words = Readonly<Record<string, unknown>>

const membersIn = (roster: unknown): readonly Words[] => (Array.isArray(roster) ? (roster as Words[]) : [])

function dueRows({ kinds, mailboxEveryDays, agreementNoticeDays, keyDaysMax }: Rules["requirements"]): readonly Row[] {
    return [
        ...requirementKinds.map(
            (kind) => [t("Grace: {kind}", { kind: valueText(kind) }), daysText(kinds[kind].graceDays)] as const,
        ),
        [t("Mailbox verified every"), daysText(mailboxEveryDays)],
        [t("Notice before a new agreement applies"), daysText(agreementNoticeDays)],
        [t("Longest use of a key"), daysText(keyDaysMax)],
    ]
}

const daysText = (days: number): string => t("{days} d", { days })
