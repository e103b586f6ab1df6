/** Approvals: the effects in words, who asked, and the second person's signature over their hash. */
import { formatInstant } from "../../lib/instant.ts"
import { useRead, type Write } from "../kit/api.ts"
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { When } from "../kit/instant.tsx"
import { Facts } from "../kit/table.tsx"
import type { Approval, Approvals } from "./answers.ts"
import { type Thing, useArtifacts, useMe, useNames, useWhyNot } from "./viewer.tsx"
import { actNames, tierNames } from "./words.ts"

export function useApprovals() {
    return useRead<Approvals>("/api/approvals")
}

export function ApprovalCard({ of }: { of: Approval }) {
    const mine = useMe().id === of.requestedBy.id
    const whyNot = useWhyNot()("approval:void")
    return (
        <article className="card" aria-label={actNames[of.act] ?? of.act}>
            <div className="card-head">
                <h3>{actNames[of.act] ?? of.act}</h3>
                <span className="muted">
                    asked by {of.requestedBy.name}, <When at={of.requestedAt} short />
                </span>
            </div>
            <EffectsInWords of={of} />
            <div className="row end">
                <Do look="quiet" not={whyNot} write={{ method: "DELETE", path: `/api/approvals/${of.id}` }}>
                    {mine ? "Withdraw" : "Turn down"}
                </Do>
                <SignDialog of={of} />
            </div>
        </article>
    )
}

function SignDialog({ of }: { of: Approval }) {
    const me = useMe()
    const lacks = useWhyNot()("approval:sign")
    const why = of.requestedBy.id === me.id ? "whoever asks cannot sign" : "an author or a related person cannot sign"
    const not = of.maySign ? null : (lacks ?? why)
    return (
        <Opens button="Sign…" title={`Sign: ${actNames[of.act] ?? of.act}`} look="main" not={not}>
            {(close) => (
                <>
                    <EffectsInWords of={of} />
                    <p>
                        You sign these effects, and nothing wider or earlier. Their hash, which goes on record with your
                        name:
                    </p>
                    <code className="hash">{of.effectsHash}</code>
                    <div className="row end">
                        <Do
                            look="main"
                            write={{
                                method: "POST",
                                path: `/api/approvals/${of.id}/signature`,
                                body: { effectsHash: of.effectsHash },
                            }}
                            onDone={close}
                        >
                            Sign as {me.name}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

/** Who gets what, and when. */
export function EffectsInWords({ of }: { of: Approval }) {
    const names = useNames()
    const things = useArtifacts()
    const { recipients, artifacts, at } = of.effects
    const all = recipients.map((one) => names.partner(one)).toSorted()
    const rows: [string, React.ReactNode][] = []
    const special = specialOf(of, names.partner)
    if (special !== null) rows.push(["Act", special])
    const cases = [...new Set(artifacts.map((one) => things.find(({ id }) => id === one.artifact)?.case))]
    const titles = cases.flatMap((one) => (one === undefined ? [] : names.case(one)))
    if (titles.length > 0) rows.push(["Case", titles.join(", ")])
    if (all.length > 0) rows.push([`Who (${all.length})`, all.join(", ")])
    if (artifacts.length > 0) {
        const versions = artifacts.map(({ artifact, version }) => `${nameOf(things, artifact)} v${version}`)
        rows.push([`What (${artifacts.length})`, versions.toSorted().join(", ")])
    }
    rows.push(["When", at === null ? "as soon as it is carried out" : <When key="at" at={formatInstant(at)} />])
    return <Facts of={rows} />
}

function nameOf(things: readonly Thing[], id: string): string {
    return things.find((one) => one.id === id)?.name ?? `artifact ${id.slice(0, 8)}`
}

function detailOf(of: Approval): Readonly<Record<string, unknown>> {
    const { detail } = of.effects
    return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? { ...detail } : {}
}

const numberOf = (value: unknown): string => (typeof value === "number" ? String(value) : "none")

function specialOf(of: Approval, partner: (id: string) => string): string | null {
    const detail = detailOf(of)
    const tier = String(detail.tier)
    const who = of.effects.recipients.map(partner).join(", ")
    switch (of.act) {
        case "wave.release":
            return `The ${tierNames[tier as keyof typeof tierNames] ?? tier} wave opens for its partners`
        case "policy.activate":
            return `Policy version ${numberOf(detail.version)} replaces ${numberOf(detail.replaces)}`
        case "partner.raise_tier":
            return `${who} rises to the tier ${tier}`
        case "partner.activate":
            return `${who} joins the circle`
        case "partner.reinstate":
            return `${who} is reinstated`
        case "partner.loosen_duties":
            return `The duty profile of ${who} becomes looser`
        case "partner.loosen_restriction":
            return `The restriction of ${who} becomes looser`
        case "inquiry.finding":
            return "A finding of a sealed inquiry, which its members read there"
        case "partner.add_person":
            return `A person joins the roster of ${who}`
        default:
            return null
    }
}

/** What carries out a signed approval, where it can be made from the approval alone. */
function carryingOut(of: Approval): Write | null {
    const [partner] = of.effects.recipients
    const { tier, version } = detailOf(of)
    const approval = of.id
    switch (of.act) {
        case "policy.activate":
            return { method: "POST", path: `/api/policies/${numberOf(version)}/activation`, body: { approval } }
        case "partner.raise_tier":
            return { method: "PUT", path: `/api/partners/${partner}/tier`, body: { tier, approval } }
        case "partner.activate":
            return { method: "PUT", path: `/api/partners/${partner}/standing`, body: { standing: "active", approval } }
        case "partner.reinstate":
        case "partner.loosen_restriction": {
            const path = `/api/measures/${of.act === "partner.reinstate" ? "reinstatement" : "lift"}`
            const reason = `Signed by ${of.signedBy?.name ?? "a second person"}.`
            return { method: "POST", path, body: { partner, approval, reason } }
        }
        default:
            return null
    }
}

const needs: Readonly<Record<string, string>> = {
    "policy.activate": "policy:write",
    "partner.reinstate": "measure:reinstate",
    "partner.loosen_restriction": "measure:reinstate",
}

export function SignedCard({ of }: { of: Approval }) {
    const write = carryingOut(of)
    const need = needs[of.act] ?? "partner:write"
    const not = useWhyNot()(need)
    return (
        <article className="card" aria-label={actNames[of.act] ?? of.act}>
            <div className="card-head">
                <h3>{actNames[of.act] ?? of.act}</h3>
                <span className="muted">signed by {of.signedBy?.name}</span>
            </div>
            <EffectsInWords of={of} />
            {write !== null && (
                <div className="row end">
                    <Do look="main" not={not} write={write}>
                        Carry out
                    </Do>
                </div>
            )}
        </article>
    )
}
