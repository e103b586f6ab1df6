/** What an approval would do, in words: who gets what, and when. */
import type { Difference } from "../../lib/high-water.ts"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import type { Doubt } from "../../lib/clocks.ts"
import { formatInstant } from "../../lib/instant.ts"
import { dueKinds } from "../../trust/partners/dues.ts"
import type { Opening } from "../../trust/approvals/approval.ts"
import type { Rules } from "../../trust/partners/rules.ts"
import type { Duty } from "../../trust/partners/duty.ts"
import { When } from "../kit/instant.tsx"
import { Facts, Lines } from "../kit/table.tsx"
import type { WaveTier } from "../../share/waves/wave.ts"
import type { Approval, Partner, Wave } from "./answers.ts"
import { HowItGoesOut } from "./going-out.tsx"
import { measureActs, measureRows } from "./measure-effects.tsx"
import { RetoldText, type Said, SaidOf } from "./retold.tsx"
import { type Names, useArtifacts, useCan, useMayRead, useNames } from "./viewer.tsx"
import { doubtWords, tierNames } from "./words.ts"
import { nameOr } from "../kit/words.ts"
import { provenInWords, reasonTexts } from "./quarantine-words.ts"

interface Reconciled {
    readonly reasons: readonly Difference[]
    readonly proven: { readonly receipts: number; readonly batches: number }
}

type Row = readonly [name: string, value: ReactNode]

export function EffectsInWords({ of }: { of: Approval }) {
    const names = useNames()
    const things = useArtifacts()
    const can = useCan()
    const { recipients, artifacts, openings, at } = of.effects
    const all = recipients.map((one) => names.partner(one)).toSorted()
    const rows: Row[] = [...(of.act in acts ? [["Act", acts[of.act]?.(of, names)] as const] : []), ...wordRows(of)]
    const cases = [...new Set(artifacts.map((one) => things.find(({ id }) => id === one.artifact)?.case))]
    const titles = cases.flatMap((one) => (one === undefined ? [] : names.case(one)))
    if (titles.length > 0) rows.push(["Case", titles.join(", ")])
    const versionsIn = (its: Opening["artifacts"]): string =>
        its
            .map(({ artifact, version }) => `${names.artifact(artifact)} v${version}`)
            .toSorted()
            .join(", ")
    if (all.length > 0) rows.push([`Who (${all.length})`, all.join(", ")])
    if (artifacts.length > 0) rows.push([`What (${artifacts.length})`, versionsIn(artifacts)])
    if (all.length > 0 && artifacts.length > 0 && can("wave:read")) {
        rows.push(["Marks", <HowItGoesOut key="marks" of={{ approval: of.id }} />])
    }
    for (const one of openings ?? []) {
        const who = one.recipients.map((partner) => names.partner(partner)).toSorted()
        rows.push([`Of it, for ${who.join(", ")}`, versionsIn(one.artifacts)])
    }
    if (isPublication(of)) rows.push(["The world", publicWords])
    const said = saidIn(of, cases[0])
    if (said !== null) rows.push(["Partners read", <SaidOf key="said" {...said} />])
    rows.push(["When", at === null ? "as soon as it is applied" : <When key="at" at={formatInstant(at)} />])
    return (
        <>
            <Facts of={rows} />
            {of.act === "case.amend" && <RetoldText of={of} caseId={String(detailOf(of).case)} />}
        </>
    )
}

/** What anybody reads from the end of the embargo on: whoever signs it signs for that too. */
export const publicWords =
    "At that instant anybody reads the facts of the case, and the text of its summaries and guidance (.md, .txt) that waves have opened, whatever their label but TLP:RED."

function isPublication(of: Approval): boolean {
    return of.act === "embargo.terminate" || (of.act === "wave.release" && detailOf(of).tier === "publication")
}

/** Where the text is signed as it is. */
function saidIn(of: Approval, ofArtifacts: string | undefined): Said | null {
    const { case: id = ofArtifacts, revision } = detailOf(of)
    if (of.act === "case.amend" || typeof id !== "string" || typeof revision !== "number") return null
    return { case: id, revision }
}

export function detailOf(of: Approval): Readonly<Record<string, unknown>> {
    const { detail } = of.effects
    return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? { ...detail } : {}
}

const listed = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : "")

const acts: Readonly<Record<string, (of: Approval, names: Names) => ReactNode>> = {
    "wave.release": (of) => {
        const tier = String(detailOf(of).tier)
        return `The ${tierNames[tier as keyof typeof tierNames] ?? tier} wave opens for its partners`
    },
    "wave.unfreeze": (of) => <ThawedWave of={of} />,
    "embargo.terminate": (of, names) => <BrokenEmbargo of={of} names={names} />,
    "recall.lift": () => "What was recalled is read again",
    "wave.late_release": () => "Waves that have fallen open this version; it supersedes what is held",
    "consent.invite": (of, names) => {
        const id = String(detailOf(of).case)
        return (
            <>
                Asked to keep the embargo of <Link to={`/cases/${id}`}>{names.case(id)}</Link>: with its yes each has
                what fallen waves opened
            </>
        )
    },
    "case.link": (of, names) => {
        const { case: from, to, kind } = detailOf(of)
        return (
            <>
                <Link to={`/cases/${String(from)}`}>{names.case(String(from))}</Link> is said to be a {String(kind)}{" "}
                {names.case(String(to))}: by the policy, more of it is read at once
            </>
        )
    },
    "case.amend": (of, names) => {
        const id = String(detailOf(of).case)
        return (
            <>
                Those who are warned of <Link to={`/cases/${id}`}>{names.case(id)}</Link> read another text
            </>
        )
    },
    "case.dismiss_reports": (of, names) => {
        const { case: id, reports } = detailOf(of)
        const count = Array.isArray(reports) ? reports.length : 0
        return (
            <>
                {count === 1 ? "One report" : `${count} reports`} of exploitation of{" "}
                <Link to={`/cases/${String(id)}`}>{names.case(String(id))}</Link> no longer{" "}
                {count === 1 ? "counts" : "count"}. A later report counts again
            </>
        )
    },
    "policy.activate": (of) => {
        const { version, replaces } = detailOf(of)
        return (
            <>
                <Link to={`/policies/${String(version)}`}>Policy version {String(version)}</Link>{" "}
                {typeof replaces === "number" ? `replaces version ${replaces}` : "comes into force"}
            </>
        )
    },
    "partner.change_tier": (of, names) => `${who(of, names)} gets the tier ${String(detailOf(of).tier)}`,
    "partner.activate": (of) => <Admitted of={of} />,
    "partner.relax_duties": (of, names) => `Reporting duties of ${who(of, names)} are relaxed`,
    ...measureActs,
    "partner.add_person": (of, names) =>
        `A person joins the roster of ${who(of, names)}; a sign-in link goes to the address by mail`,
    "artifact.read_master": (of, names) =>
        `${names.person(String(detailOf(of).reader))} reads the master of one version, without marks, once`,
    "partner.renew_link": (of) => <RenewedLink of={of} />,
    "partner.activate_key": (of, names) => (
        <>
            What {who(of, names)} fetches from then on is sealed to{" "}
            <code className="hash">{String(detailOf(of).recipient)}</code>: sign once it has read that out to you by
            another way than the portal
        </>
    ),
    "person.join": (of) => `Somebody joins as ${listed(detailOf(of).roles)}; the link is shown to whoever asks`,
    "person.renew_link": (of, names) => {
        const { person, roles } = detailOf(of)
        return `${names.person(String(person))} (${listed(roles)}) gets a new link, shown to whoever asks`
    },
    "person.add_roles": (of, names) =>
        `${names.person(String(detailOf(of).person))} shall be ${listed(detailOf(of).roles)}`,
    "program_rules.relax_requirements": () => "What is due stays without consequence for longer than before",
    "annual_report.publish": (of) => (
        <>
            The figures of {String(detailOf(of).year)} become public, as they stand under{" "}
            <Link to="/statistics">Statistics</Link>
        </>
    ),
    "program_rules.share_aggregates": (of) =>
        `Partners are told, in bands, how many others reported what; of ${String(detailOf(of).groupMin)} at least`,
    "agreement.lengthen": (of) =>
        `A version of the agreement consents beforehand to embargoes of ${String(detailOf(of).longestEmbargoDays)} days: longer than before`,
    "clock.confirm": (of) => <AttestedClock of={of} />,
    "quarantine.reconcile": (of) => {
        const { reasons, proven } = detailOf(of) as Readonly<Record<string, unknown>> & Reconciled
        const texts = reasons.map((reason) => reasonTexts[reason])
        return ["Partners are served from this database again.", ...texts, provenInWords(proven)].join(" ")
    },
    "marks.disclose_keys": (of) => <OpenedKey of={of} />,
    "evidence.lift_hold": (of) => (
        <>
            The legal hold of <EvidenceLink of={of} /> ends: two people can delete it then
        </>
    ),
    "evidence.delete": (of) => (
        <>
            The content, the words and the key of <EvidenceLink of={of} /> are destroyed, with what was found out from
            it, and cannot be brought back. Its hash and its custody stay
        </>
    ),
    "evidence.attribute": (of) => (
        <>
            <EvidenceLink of={of} /> is attributed at α = {String(detailOf(of).alpha)}: over all tries on the leaks of
            its case, an innocent recipient is identified with that probability at most
        </>
    ),
    "finding.confirm": (of) => (
        <>
            A finding, which is read <Link to={`/inquiries/${String(detailOf(of).inquiry)}`}>in its inquiry</Link>
        </>
    ),
    "tracing_instruction.extend": (of) => (
        <>
            How the words of a class are drawn goes on after the closing, which is read{" "}
            <Link to={`/inquiries/${String(detailOf(of).inquiry)}`}>in its inquiry</Link>
        </>
    ),
    "tracing_instruction.activate": (of) => (
        <>
            How the next words of a class are drawn, which is read{" "}
            <Link to={`/inquiries/${String(detailOf(of).inquiry)}`}>in its inquiry</Link>
        </>
    ),
}

function EvidenceLink({ of }: { of: Approval }) {
    const id = String(detailOf(of).evidence)
    return <Link to={`/evidence/${id}`}>the evidence</Link>
}

/** Named by the version, below; the attribution is read by whoever may read evidence. */
function OpenedKey({ of }: { of: Approval }) {
    const { inquiry } = detailOf(of)
    return (
        <>
            An outside expert gets the keys of the marks of these versions, to compute an attribution again
            {typeof inquiry === "string" && (
                <>
                    {" "}
                    for <Link to={`/inquiries/${inquiry}`}>an inquiry</Link>
                </>
            )}
            . Whoever has them can make every partner&apos;s copy
        </>
    )
}

function ThawedWave({ of }: { of: Approval }) {
    const { tier, frozenAt } = detailOf(of)
    return (
        <>
            What the {tierNames[tier as WaveTier] ?? String(tier)} wave opened is read and sent again. It is frozen
            since <When at={formatInstant(Number(frozenAt))} />
        </>
    )
}

/** Waves that are frozen are named: the signature lifts their freeze. */
function BrokenEmbargo({ of, names }: { of: Approval; names: Names }) {
    const detail = detailOf(of)
    const id = String(detail.case)
    const read = useMayRead<{ waves: readonly Wave[] }>("wave:read", `/api/cases/${id}/waves`)
    const waves = read.data?.waves ?? []
    const frozen = Array.isArray(detail.frozen) ? detail.frozen.map(String) : []
    const tierOf = (wave: string) => waves.find((one) => one.id === wave)?.tier
    const named = frozen.map((wave) => nameOr(tierNames[tierOf(wave) as WaveTier], "wave", read.isLoading))
    return (
        <>
            The embargo of <Link to={`/cases/${id}`}>{names.case(id)}</Link> is broken: every remaining wave and
            publication fall at once, and it cannot be taken back.{" "}
            {frozen.length > 0 && <strong>Frozen, and opened by it all the same: {named.join(", ")}.</strong>}
        </>
    )
}

/** What two people stand by: one reading of both clocks, and why they were doubted. */
function AttestedClock({ of }: { of: Approval }) {
    const { application, database, doubt, since } = detailOf(of) as Readonly<Record<string, number>> & { doubt: Doubt }
    return (
        <>
            The clocks were right when they said <When at={formatInstant(database ?? 0)} /> (the database) and{" "}
            <When at={formatInstant(application ?? 0)} /> (the program), and releases go on. They are frozen since{" "}
            <When at={formatInstant(since ?? 0)} short />: {doubtWords[doubt]}
        </>
    )
}

const who = (of: Approval, names: Names): string => of.effects.recipients.map(names.partner).join(", ")

const usePartnerOf = (of: Approval) =>
    useMayRead<Partner>("partner:read", `/api/partners/${of.effects.recipients[0]}`).data

/** With the persons that it had when it was asked for: each of them reads from then on. */
function Admitted({ of }: { of: Approval }) {
    const names = useNames()
    const partner = usePartnerOf(of)
    const { roster } = detailOf(of)
    const named = membersIn(of.words?.roster)
    const persons = membersIn(roster).map(({ person, roles }) => {
        const signed = named.find((one) => one.person === person)
        const its = signed ?? partner?.roster.find(({ id }) => id === person)
        return `${its ? `${String(its.name)} <${String(its.mail)}>` : "a person"} (${listed(roles)})`
    })
    return (
        <>
            {who(of, names)} joins the program, with{" "}
            {persons.length === 0 ? "nobody on its roster" : persons.join("; ")}
        </>
    )
}

function RenewedLink({ of }: { of: Approval }) {
    const names = useNames()
    const { person } = detailOf(of)
    const partner = usePartnerOf(of)
    const known = partner?.roster.find(({ id }) => id === person)
    const { name = known?.name ?? "A person", mail = known?.mail ?? "its own address" } = of.words ?? {}
    return `${String(name)} of ${who(of, names)} gets a new sign-in link by mail to ${String(mail)}; earlier sessions and tokens end`
}

/** What the effects hold as a hash only. */
function wordRows(of: Approval): readonly Row[] {
    const { act, words } = of
    if (words === null) return []
    if (act in measureActs) return measureRows(words)
    if (act.startsWith("evidence.")) return [["Why", String(words.reason)]]
    if (act === "embargo.terminate") return [["Why", String(words.why)]]
    if (act === "artifact.read_master" || act === "case.dismiss_reports") return [["Reason", String(words.reason)]]
    if (act === "partner.add_person" || act === "person.join") {
        const { name, mail, roles } = words
        return [["Person", `${String(name)} <${String(mail)}>, ${listed(roles)}`]]
    }
    if (act === "partner.relax_duties") {
        const duties = words.duties as readonly Duty[]
        const lines = duties.map(({ regime, source }) => `${regime}: ${source}`)
        return [["Duties then", lines.length === 0 ? "none" : <Lines key="duties" of={lines} />]]
    }
    if (act === "agreement.lengthen") return [["Text", String(words.text)]]
    if (act === "program_rules.relax_requirements") return dueRows(words.rules as Rules["dues"])
    return []
}

type Words = Readonly<Record<string, unknown>>

const membersIn = (roster: unknown): readonly Words[] => (Array.isArray(roster) ? (roster as Words[]) : [])

function dueRows({ kinds, mailboxEveryDays, agreementNoticeDays, keyDaysMax }: Rules["dues"]): readonly Row[] {
    return [
        ...dueKinds.map((kind) => [`Grace: ${kind}`, `${kinds[kind].graceDays} d`] as const),
        ["A proof of the mailbox holds", `${mailboxEveryDays} d`],
        ["Notice before a new agreement applies", `${agreementNoticeDays} d`],
        ["A new key is sealed to for", `${keyDaysMax} d at most`],
    ]
}
