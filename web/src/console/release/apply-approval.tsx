/** Applies a signed approval, from the approval alone. */
import { Link } from "@tanstack/react-router"
import { writeTo } from "../api.ts"
import { permissionByAction } from "../../../../server/src/kernel/permissions.ts"
import { type Write, inOrder } from "../../kit/api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog, reasonField } from "../../kit/form.tsx"
import type { Approval } from "../answers.ts"
import { detailOf } from "./effect-parts.tsx"
import { EffectsInWords } from "./effects.tsx"
import { CarryOpening, type Given } from "../leaks/evidence/expert.tsx"
import { Ease, measureWrite } from "../measures/measure-approvals.tsx"
import { easesTo } from "../measures/measure-effects.tsx"
import { useMe, useWhyNot } from "../artifacts/viewer.tsx"
import { t } from "../../messages/message.ts"

interface CarryProps {
    approval: Approval
    /** Receives the expert's file, which is given once. */
    onGiven?: ((given: Given) => void) | undefined
}

export function CarryOut({ approval, onGiven }: CarryProps) {
    const me = useMe()
    const lacks = useWhyNot()(permissionByAction[approval.action] ?? "")
    const isAnothers = approval.action === "person.join" && approval.requestedBy.id !== me.id
    const disabledReason = lacks ?? (isAnothers ? t("only the requester adds this person") : null)
    const write = applyWriteOf(approval)
    if (easesTo(approval) !== null) return <Ease approval={approval} />
    if (approval.action === "partner.reinstate" || approval.action === "partner.relax_restriction")
        return <GiveBack approval={approval} />
    if (approval.action === "embargo.terminate") return <BreakOut approval={approval} />
    if (approval.action === "marks.disclose_keys") return <CarryOpening approval={approval} onGiven={onGiven} />
    if (approval.action === "finding.confirm") {
        return (
            <Link to={`/leaks/inquiries/${String(detailOf(approval).inquiry)}/finding`}>
                {t("Confirm it in its inquiry")}
            </Link>
        )
    }
    if (approval.action === "tracing_instruction.extend") {
        return (
            <Link to={`/leaks/inquiries/${String(detailOf(approval).inquiry)}`}>
                {t("Close the inquiry to extend it")}
            </Link>
        )
    }
    if (approval.action === "tracing_instruction.activate") {
        return (
            <Link to={`/leaks/inquiries/${String(detailOf(approval).inquiry)}/release`}>
                {t("Activate it in its inquiry")}
            </Link>
        )
    }
    if (approval.action === "artifact.read_master") {
        return <Link to={`/cases/${String(detailOf(approval).case)}`}>{t("Read it in its case")}</Link>
    }
    if (write === null) return null
    return (
        <Do look="main" disabledReason={disabledReason} write={write}>
            {t("Apply")}
        </Do>
    )
}

/** Applies all signed tier changes, which are requested many at a time. */
export function ApplyAll({ approvals }: { approvals: readonly Approval[] }) {
    const disabledReason = useWhyNot()("partner:write")
    const writes = approvals
        .filter(({ action }) => action === "partner.change_tier")
        .map(applyWriteOf)
        .filter((write) => write !== null)
    if (writes.length < 2) return null
    return (
        <Do look="main" disabledReason={disabledReason} write={inOrder(writes)}>
            {t("Apply all {count} tier changes", { count: writes.length })}
        </Do>
    )
}

/** Builds the request that applies an approval; null: the server applies it automatically. */
export function applyWriteOf(subject: Approval): Write<object> | null {
    const [partner] = subject.effects.recipients
    const { version, person, roles, wave, recall, case: caseId, tier, to, kind, year, key } = detailOf(subject)
    const { urgent, atOnce } = detailOf(subject)
    const approval = subject.id
    switch (subject.action) {
        case "wave.unfreeze":
            return writeTo("POST", `/api/waves/${String(wave)}/unfreeze`, { approval })
        case "policy.activate":
            return writeTo("POST", `/api/policies/${String(version)}/activate`, { approval })
        case "recall.lift":
            return writeTo("POST", `/api/recalls/${String(recall)}/lift`, { approval })
        case "wave.late_release":
            return writeTo("POST", `/api/artifacts/${subject.effects.artifacts[0]?.artifact}/release-late`, {
                approval,
            })
        case "consent.invite":
            return tier === null
                ? writeTo("POST", `/api/cases/${String(caseId)}/invitations`, { partner: String(partner), approval })
                : writeTo("POST", `/api/cases/${String(caseId)}/invite-tier`, signedBody(subject, { tier }))
        case "case.link":
            return writeTo("POST", `/api/cases/${String(caseId)}/links`, signedBody(subject, { to, kind }))
        case "case.amend":
            return writeTo("POST", `/api/cases/${String(caseId)}/amend`, { approval })
        case "case.dismiss_reports":
            return writeTo("POST", `/api/cases/${String(caseId)}/dismiss-reports`, signedBody(subject, subject.text))
        case "partner.change_tier":
            return writeTo("PUT", `/api/partners/${partner}/tier`, signedBody(subject, subject.text))
        case "partner.activate":
            return writeTo("PUT", `/api/partners/${partner}/status`, { status: "active", approval })
        case "partner.relax_duties":
            return writeTo("PUT", `/api/partners/${partner}/reporting-duties`, signedBody(subject, subject.text))
        case "partner.add_person":
            return writeTo("POST", `/api/partners/${partner}/roster`, signedBody(subject, subject.text))
        case "partner.import":
            return writeTo("POST", `/api/partner-imports/${approval}/apply`)
        case "partner.renew_link":
            return writeTo("POST", `/api/partners/${partner}/roster/${String(person)}/sign-in-links`, {
                approval,
                urgent: urgent === true,
            })
        case "partner.accept_key":
            return writeTo("POST", `/api/partners/${partner}/keys/${String(key)}/accept`, {
                approval,
                atOnce: atOnce === true,
            })
        case "person.join":
            return writeTo("POST", "/api/staff", signedBody(subject, subject.text))
        case "person.recover":
            return writeTo("POST", `/api/staff/${String(person)}/recovery`, { approval, urgent: urgent === true })
        case "person.add_roles":
            return writeTo("PUT", `/api/staff/${String(person)}/roles`, signedBody(subject, { roles }))
        case "program_rules.relax_requirements":
            return writeTo("PUT", "/api/program-rules/requirements", signedBody(subject, subject.text))
        case "annual_report.publish":
            return writeTo("POST", `/api/statistics/${String(year)}/publish`, { approval })
        case "program_rules.share_aggregates":
            return writeTo("PUT", "/api/program-rules/aggregates", signedBody(subject, subject.text))
        case "agreement.lengthen":
            return writeTo("POST", "/api/agreements", signedBody(subject, subject.text))
        case "clock.confirm":
            return writeTo("POST", "/api/clock/confirm", { approval })
        case "quarantine.reconcile":
            return writeTo("POST", "/api/quarantine/reconcile", { approval })
        default:
            return contentWrite(subject) ?? evidenceWrite(subject) ?? measureWrite(subject)
    }
}

/** The one place that trusts a recorded approval: its words are the body that was signed. */
function signedBody<Body>({ id }: Approval, words: Approval["text"]): Body {
    return { ...words, approval: id } as Body
}

/** Builds the request that applies an approval about the content of a case. */
function contentWrite(approval: Approval): Write<object> | null {
    const ofCase = `/api/cases/${String(detailOf(approval).case)}` as const
    const body = { approval: approval.id }
    if (approval.action === "case.lift_hold") return writeTo("POST", `${ofCase}/hold/lift`, body)
    return approval.action === "case.delete_content" ? writeTo("POST", `${ofCase}/delete-content`, body) : null
}

/** Builds the request that applies an approval about evidence. */
function evidenceWrite(approval: Approval): Write<object> | null {
    const { evidence, alpha } = detailOf(approval)
    const path = `/api/evidence/${String(evidence)}` as const
    const body = { approval: approval.id }
    if (approval.action === "evidence.lift_hold") return writeTo("POST", `${path}/hold/lift`, body)
    if (approval.action === "evidence.delete") return writeTo("POST", `${path}/delete`, body)
    if (approval.action !== "evidence.attribute") return null
    return writeTo("POST", `${path}/attribute`, { ...body, alpha: Number(alpha) })
}

/** Applies an emergency release. It cannot be undone, so the dialog repeats the effects. */
function BreakOut({ approval }: { approval: Approval }) {
    const release = `/api/cases/${String(detailOf(approval).case)}/emergency-release` as const
    return (
        <Opens
            button={t("Emergency release…")}
            look="danger"
            title={t("Emergency release")}
            wide
            disabledReason={useWhyNot()("wave:write")}
        >
            {(close) => (
                <>
                    <EffectsInWords approval={approval} />
                    <div className="row end">
                        <Do look="danger" write={writeTo("POST", release, { approval: approval.id })} onDone={close}>
                            {t("Release everything now")}
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
    const reinstates = approval.action === "partner.reinstate"
    const { from, status } = detailOf(approval)
    const [title, submit] = !reinstates
        ? [t("Lift the restriction"), t("Lift restriction")]
        : status === "active"
          ? [t("Reinstate the partner"), t("Reinstate now")]
          : [
                t("{from, select, suspension {End the suspension} other {End the interim suspension}}", {
                    from: String(from),
                }),
                t("End it now"),
            ]
    return (
        <FormDialog
            button={t("Apply…")}
            buttonLook="main"
            title={title}
            submit={submit}
            disabledReason={disabledReason}
            requests={[
                {
                    ...reasonField,
                    hint: t("encrypted; the partner gets a neutral letter"),
                },
            ]}
            write={({ reason }) =>
                writeTo("POST", `/api/measures/${reinstates ? "reinstate" : "lift"}`, {
                    partner: String(partner),
                    approval: approval.id,
                    reason,
                    ...(reinstates && from !== null && { from }),
                })
            }
        />
    )
}
