/** Explains one cell: what the partner gets and when, the reasons with their rules, and the copies that it holds. */
import { Link } from "@tanstack/react-router"
import { useEffect, useRef } from "react"
import { When } from "../../../kit/instant.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { Loaded } from "../../../kit/notice.tsx"
import type { AnswerTo } from "../../api.ts"
import type { Decision, Policy } from "../../answers.ts"
import { useCan, useMayRead } from "../../artifacts/viewer.tsx"
import { outcomeWords, tierNames } from "../../words.ts"
import type { MatrixCell, MatrixColumn, MatrixPartner } from "./matrix-model.ts"
import { OutcomeGlyph } from "./outcome.tsx"
import { ReasonChain } from "./reason-chain.tsx"
import { listText, rich, t, valueText } from "../../../messages/message.ts"

interface CellPanelProps {
    cell: MatrixCell
    partner: MatrixPartner
    column: MatrixColumn
    caseId: string
    /** The policy of the matrix; undefined: it is not known to the viewer. */
    policy: Policy | undefined
    inForce: Policy | undefined
    /** Moves the focus into the panel when it opens. */
    takesFocus: boolean
    onClose: () => void
}

export function CellPanel({ cell, partner, column, caseId, policy, inForce, takesFocus, onClose }: CellPanelProps) {
    const panel = useRef<HTMLElement>(null)
    useEffect(() => {
        if (takesFocus) panel.current?.focus()
    }, [takesFocus, cell.partner, cell.artifact])
    useEffect(() => {
        const leave = (event: KeyboardEvent) => {
            if (event.key === "Escape" && !event.defaultPrevented) onClose()
        }
        document.addEventListener("keydown", leave)
        return () => document.removeEventListener("keydown", leave)
    }, [onClose])
    return (
        <aside ref={panel} className="access-panel" aria-label={t("Reasons")} tabIndex={-1}>
            <div className="side-panel-head">
                <h2>{partner.name}</h2>
                <button type="button" className="icon-button" aria-label={t("Close")} onClick={onClose}>
                    <Icon name="close" />
                </button>
            </div>
            <p className="mono soft">
                {cell.version === null
                    ? column.name
                    : t("{artifact}, version {version}", { artifact: column.name, version: cell.version })}
            </p>
            <Verdict decision={cell.decision} />
            <div className="stack">
                <h3>{t("Reasons")}</h3>
                <ReasonChain reasons={cell.decision.reasons} policy={policy} />
            </div>
            {cell.before !== null && <ByPolicy cell={cell} policy={policy} inForce={inForce} />}
            <Copies cell={cell} caseId={caseId} />
            <div className="row">
                <Link className="button" to={`/partners/${partner.id}`}>
                    {t("Open partner")}
                </Link>
            </div>
        </aside>
    )
}

function Verdict({ decision }: { decision: Decision }) {
    const { outcome, grantedClass, from, waves, available } = decision
    const given =
        outcome === "reduced"
            ? t("Reduced to the {class}", { class: valueText(grantedClass ?? "summary") })
            : verdicts[outcome]
    return (
        <div className={`verdict ${outcome}`}>
            <OutcomeGlyph outcome={outcome} />
            <div>
                <b>{given}</b>
                {from !== null && (
                    <span>
                        {available
                            ? rich("Open since {since}", { since: <When at={from} short /> })
                            : rich("From {since}", { since: <When at={from} short /> })}
                    </span>
                )}
                {outcome !== "withheld" && from === null && <span>{t("No instant is planned yet.")}</span>}
                {waves.length > 0 && (
                    <span>
                        {t("In the {waves} wave", {
                            waves: listText(
                                waves.map((wave) => tierNames[wave]),
                                "or",
                            ),
                        })}
                    </span>
                )}
            </div>
        </div>
    )
}

const verdicts = {
    full: t("Full"),
    at_publication: t("Full, at publication"),
    withheld: t("Withheld"),
} as const

interface ByPolicyProps {
    cell: MatrixCell
    policy: Policy | undefined
    inForce: Policy | undefined
}

function ByPolicy({ cell, policy, inForce }: ByPolicyProps) {
    const rows = [
        { name: t("Policy {version}, in force", { version: inForce?.version ?? "" }), decision: cell.before },
        { name: t("Policy {version}", { version: policy?.version ?? "" }), decision: cell.decision },
    ]
    return (
        <div className="stack">
            <h3>{t("By policy")}</h3>
            <ul className="by-policy">
                {rows.map(({ name, decision }) =>
                    decision === null ? null : (
                        <li key={name}>
                            <span>{name}</span>
                            <span className="row">
                                <OutcomeGlyph outcome={decision.outcome} />
                                {outcomeWords[decision.outcome]}
                            </span>
                            {decision.from !== null && <When at={decision.from} short />}
                        </li>
                    ),
                )}
            </ul>
        </div>
    )
}

type Receipts = AnswerTo<"/api/deliveries">

/** The versions that the partner fetched, newest first. Access that ends does not recall them. */
function Copies({ cell, caseId }: { cell: MatrixCell; caseId: string }) {
    const can = useCan()
    const receipts = useMayRead("delivery:read", `/api/deliveries?case=${caseId}`)
    if (!can("delivery:read")) return null
    return (
        <div className="stack">
            <h3>{t("Copies and receipts")}</h3>
            <Loaded query={receipts}>{(found) => <CopyList receipts={found} cell={cell} />}</Loaded>
        </div>
    )
}

function CopyList({ receipts, cell }: { receipts: Receipts; cell: MatrixCell }) {
    const isOfCell = (item: { readonly partner: string; readonly artifact: string }) =>
        item.partner === cell.partner && item.artifact === cell.artifact
    const fetched = receipts.fetched.filter(isOfCell).toSorted((a, b) => b.at.localeCompare(a.at))
    const acknowledged = new Map(receipts.acknowledged.filter(isOfCell).map(({ version, at }) => [version, at]))
    if (fetched.length === 0) return <p className="soft">{t("The partner fetched no copy.")}</p>
    return (
        <ul className="history">
            {fetched.map(({ id, version, at }) => (
                <li key={id} className={acknowledged.has(version) ? "good" : ""}>
                    <span>{rich("Version {version}, fetched {at}", { version, at: <When at={at} short /> })}</span>
                    <small>
                        {acknowledged.has(version) ? (
                            <>
                                {rich("Acknowledged {at}", {
                                    at: <When at={acknowledged.get(version) ?? null} short />,
                                })}
                            </>
                        ) : (
                            t("Not acknowledged")
                        )}
                    </small>
                </li>
            ))}
        </ul>
    )
}
