/** Applies a signed approval, from the approval alone. */
import { Link } from "@tanstack/react-router"
import { asking } from "../../../../server/src/kernel/permissions.ts"
import type { Write } from "../../kit/api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import type { Approval } from "../answers.ts"
import { EffectsInWords, detailOf } from "./effects.tsx"
import { CarryOpening, type Given } from "../leaks/expert.tsx"
import { Ease, measureWrite } from "../measures/measure-approvals.tsx"
import { easesTo } from "../measures/measure-effects.tsx"
import { useMe, useWhyNot } from "../artifacts/viewer.tsx"

/** Actions that give a staff member a sign-in link. */
export const linksToOperators: ReadonlySet<string> = new Set(["person.join", "person.renew_link"])

interface CarryProps {
    approval: Approval
    /** Receives a person's sign-in link, which is shown once. */
    onSecret?: (secret: string) => void
    /** Receives the expert's file, which is given once. */
    onGiven?: ((given: Given) => void) | undefined
}

export function CarryOut({ approval, onSecret, onGiven }: CarryProps) {
    const me = useMe()
    const lacks = useWhyNot()(asking[approval.act] ?? "")
    const isAnothers = linksToOperators.has(approval.act) && approval.requestedBy.id !== me.id
    const disabledReason = lacks ?? (isAnothers ? "its link is shown to whoever asked" : null)
    const write = writeOf(approval)
    if (easesTo(approval) !== null) return <Ease approval={approval} />
    if (approval.act === "partner.reinstate" || approval.act === "partner.relax_restriction")
        return <GiveBack approval={approval} />
    if (approval.act === "embargo.terminate") return <BreakOut approval={approval} />
    if (approval.act === "marks.disclose_keys") return <CarryOpening approval={approval} onGiven={onGiven} />
    if (approval.act === "finding.confirm") {
        return <Link to={`/inquiries/${String(detailOf(approval).inquiry)}`}>Confirm it in its inquiry</Link>
    }
    if (approval.act === "tracing_instruction.extend") {
        return <Link to={`/inquiries/${String(detailOf(approval).inquiry)}`}>It goes on by closing the inquiry</Link>
    }
    if (approval.act === "tracing_instruction.activate") {
        return <Link to={`/inquiries/${String(detailOf(approval).inquiry)}`}>Put it in force in its inquiry</Link>
    }
    if (approval.act === "artifact.read_master") {
        return <Link to={`/cases/${String(detailOf(approval).case)}`}>Read it at its case</Link>
    }
    if (write === null) return null
    return (
        <Do
            look="main"
            disabledReason={disabledReason}
            write={write}
            onDone={(answer) => {
                const { link } = answer as { link?: string }
                if (link !== undefined) onSecret?.(link)
            }}
        >
            Apply
        </Do>
    )
}

/** Builds the request that applies an approval; null: the server applies it automatically. */
function writeOf(subject: Approval): Write | null {
    const [partner] = subject.effects.recipients
    const { version, person, roles, wave, recall, case: caseId, tier, to, kind, year, key } = detailOf(subject)
    const approval = subject.id
    const again = { ...subject.words, approval }
    switch (subject.act) {
        case "wave.unfreeze":
            return { method: "POST", path: `/api/waves/${String(wave)}/unfreeze`, body: { approval } }
        case "policy.activate":
            return { method: "POST", path: `/api/policies/${String(version)}/activate`, body: { approval } }
        case "recall.lift":
            return { method: "POST", path: `/api/recalls/${String(recall)}/lift`, body: { approval } }
        case "wave.late_release":
            return {
                method: "POST",
                path: `/api/artifacts/${subject.effects.artifacts[0]?.artifact}/release-late`,
                body: { approval },
            }
        case "consent.invite":
            return tier === null
                ? { method: "POST", path: `/api/cases/${String(caseId)}/invitations`, body: { partner, approval } }
                : { method: "POST", path: `/api/cases/${String(caseId)}/invite-tier`, body: { tier, approval } }
        case "case.link":
            return { method: "POST", path: `/api/cases/${String(caseId)}/links`, body: { to, kind, approval } }
        case "case.amend":
            return { method: "POST", path: `/api/cases/${String(caseId)}/amend`, body: { approval } }
        case "case.dismiss_reports":
            return { method: "POST", path: `/api/cases/${String(caseId)}/dismiss-reports`, body: again }
        case "partner.change_tier":
            return { method: "PUT", path: `/api/partners/${partner}/tier`, body: again }
        case "partner.activate":
            return { method: "PUT", path: `/api/partners/${partner}/status`, body: { standing: "active", approval } }
        case "partner.relax_duties":
            return { method: "PUT", path: `/api/partners/${partner}/reporting-duties`, body: again }
        case "partner.add_person":
            return { method: "POST", path: `/api/partners/${partner}/roster`, body: again }
        case "partner.renew_link":
            return {
                method: "POST",
                path: `/api/partners/${partner}/roster/${String(person)}/sign-in-links`,
                body: { approval },
            }
        case "partner.activate_key":
            return {
                method: "POST",
                path: `/api/partners/${partner}/keys/${String(key)}/activate`,
                body: { approval },
            }
        case "person.join":
            return { method: "POST", path: "/api/staff", body: again }
        case "person.renew_link":
            return { method: "POST", path: `/api/staff/${String(person)}/sign-in-links`, body: { approval } }
        case "person.add_roles":
            return { method: "PUT", path: `/api/staff/${String(person)}/roles`, body: { roles, approval } }
        case "program_rules.relax_requirements":
            return { method: "PUT", path: "/api/program-rules/requirements", body: again }
        case "annual_report.publish":
            return { method: "POST", path: `/api/statistics/${String(year)}/publish`, body: { approval } }
        case "program_rules.share_aggregates":
            return { method: "PUT", path: "/api/program-rules/aggregates", body: again }
        case "agreement.lengthen":
            return { method: "POST", path: "/api/agreements", body: again }
        case "clock.confirm":
            return { method: "POST", path: "/api/clock/confirm", body: { approval } }
        case "quarantine.reconcile":
            return { method: "POST", path: "/api/quarantine/reconcile", body: { approval } }
        default:
            return evidenceWrite(subject) ?? measureWrite(subject)
    }
}

/** Builds the request that applies an approval about evidence. */
function evidenceWrite(approval: Approval): Write | null {
    const { evidence, alpha } = detailOf(approval)
    const path = `/api/evidence/${String(evidence)}`
    const body = { approval: approval.id }
    if (approval.act === "evidence.lift_hold") return { method: "POST", path: `${path}/hold/lift`, body }
    if (approval.act === "evidence.delete") return { method: "POST", path: `${path}/delete`, body }
    if (approval.act !== "evidence.attribute") return null
    return { method: "POST", path: `${path}/attribute`, body: { ...body, alpha: Number(alpha) } }
}

/** Applies an emergency release. It cannot be undone, so the dialog repeats the effects. */
function BreakOut({ approval }: { approval: Approval }) {
    const release = `/api/cases/${String(detailOf(approval).case)}/emergency-release`
    return (
        <Opens
            button="Emergency release…"
            look="danger"
            title="Emergency release"
            wide
            disabledReason={useWhyNot()("wave:write")}
        >
            {(close) => (
                <>
                    <EffectsInWords approval={approval} />
                    <div className="row end">
                        <Do
                            look="danger"
                            write={{ method: "POST", path: release, body: { approval: approval.id } }}
                            onDone={close}
                        >
                            Release all of it now
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

/** Extends a measure, with its reason and a letter. */
function GiveBack({ approval }: { approval: Approval }) {
    const disabledReason = useWhyNot()("measure:reinstate")
    const [partner] = approval.effects.recipients
    const reinstates = approval.act === "partner.reinstate"
    const { from, standing } = detailOf(approval)
    const [title, submit] = !reinstates
        ? ["Lift the restriction", "Lift it now"]
        : standing === "active"
          ? ["Reinstate the partner", "Reinstate now"]
          : [`End the ${String(from)}`, "End it now"]
    return (
        <FormDialog
            button="Apply…"
            buttonLook="main"
            title={title}
            submit={submit}
            disabledReason={disabledReason}
            requests={[
                {
                    name: "reason",
                    label: "Reason",
                    kind: "text",
                    hint: "kept sealed; the partner gets a letter in neutral words",
                },
            ]}
            write={({ reason }) => ({
                method: "POST",
                path: `/api/measures/${reinstates ? "reinstate" : "lift"}`,
                body: { partner, approval: approval.id, reason, ...(reinstates && from !== null && { from }) },
            })}
        />
    )
}
