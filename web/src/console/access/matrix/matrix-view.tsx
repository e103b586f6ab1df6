/** A matrix with its filters, its grid, a legend in words, and the panel of the open cell at the right. */
import { type ReactNode, useMemo, useRef, useState } from "react"
import { reportsBeforePublication } from "../../../../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import { wordsOf } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import type { Matrix, Policy } from "../../answers.ts"
import { useArtifacts, usePartners } from "../../artifacts/viewer.tsx"
import { CellPanel } from "./cell-panel.tsx"
import { Filters } from "./filters.tsx"
import { AccessGrid } from "./grid.tsx"
import { keyOf } from "./grid-row.tsx"
import { type MatrixModel, filterMatrix, modelOf, noFilter } from "./matrix-model.ts"
import { OutcomeGlyph } from "./outcome.tsx"
import { rich, t } from "../../../messages/message.ts"

interface MatrixViewProps {
    matrix: Matrix
    /** The matrix by the policy in force, if another policy is shown. */
    base?: Matrix | null
    policies?: readonly Policy[]
    changesOnly?: boolean
    openKey: string | null
    onOpen: (key: string | null) => void
    /** Shown between the filters and the grid. */
    children?: (model: MatrixModel) => ReactNode
}

export function MatrixView(props: MatrixViewProps) {
    const { matrix, base = null, policies = [], changesOnly = false, openKey, onOpen, children } = props
    const model = useModel(matrix, base)
    const [filter, setFilter] = useState(noFilter)
    const [takesFocus, setTakesFocus] = useState(false)
    const returnTo = useRef<Element | null>(null)
    const shown = useMemo(() => filterMatrix(model, { ...filter, changesOnly }), [model, filter, changesOnly])
    const partners = usePartners()
    if (model.rows.length === 0 && matrix.entitlements.length > 0 && partners.data === undefined) {
        return <Loaded query={partners}>{() => null}</Loaded>
    }
    if (model.rows.length === 0) {
        return <Empty title={t("No partners or no artifacts yet.")}>{t("Add an artifact to see who gets it.")}</Empty>
    }
    const close = () => {
        onOpen(null)
        if (returnTo.current instanceof HTMLElement) returnTo.current.focus()
    }
    const open = cellOf(model, openKey)
    return (
        <div className={open === null ? "access" : "access with-panel"}>
            <div className="access-main">
                <Filters filter={filter} onChange={setFilter} model={model} />
                {children?.(model)}
                {shown.partners === 0 ? (
                    <Empty title={changesOnly ? t("No partner gains or loses anything.") : t("No partner matches.")} />
                ) : (
                    <AccessGrid
                        key={`${shown.columns.length} ${shown.rows.length}`}
                        matrix={shown}
                        label={t("Who gets what as of {at}", { at: wordsOf(matrix.at) })}
                        at={matrix.at}
                        openKey={openKey}
                        onOpen={(cell, byKeyboard) => {
                            returnTo.current = document.activeElement
                            setTakesFocus(byKeyboard)
                            onOpen(keyOf(cell))
                        }}
                    />
                )}
                <Legend hasBase={base !== null} />
            </div>
            {open !== null && (
                <CellPanel
                    {...open}
                    caseId={matrix.case}
                    policy={policies.find(({ version }) => version === matrix.policy)}
                    inForce={policies.find(({ active }) => active)}
                    takesFocus={takesFocus}
                    onClose={close}
                />
            )}
        </div>
    )
}

function useModel(matrix: Matrix, base: Matrix | null): MatrixModel {
    const partners = usePartners().data?.partners
    const artifacts = useArtifacts()
    return useMemo(
        () =>
            modelOf(
                matrix,
                base,
                (partners ?? []).map((partner) => ({
                    id: partner.id,
                    name: partner.name,
                    tier: partner.tier,
                    status: partner.status,
                    isOverdue: partner.overdue.length > 0,
                    hasDuty: reportsBeforePublication(partner.reportsBeforePublication, matrix.exploited),
                })),
                artifacts,
            ),
        [matrix, base, partners, artifacts],
    )
}

/** Finds the cell of a key, with its partner and its column. */
function cellOf(model: MatrixModel, key: string | null) {
    const [partner, artifact = ""] = (key ?? "").split(".")
    const row = model.rows.find((found) => found.partner.id === partner)
    const cell = row?.cells.get(artifact)
    const column = model.columns.find(({ id }) => id === artifact)
    return row === undefined || cell === undefined || column === undefined
        ? null
        : { cell, column, partner: row.partner }
}

function Legend({ hasBase }: { hasBase: boolean }) {
    return (
        <div className="access-foot">
            <ul className="legend">
                <li>
                    <OutcomeGlyph outcome="full" />
                    {t("Full")}
                </li>
                <li>
                    <OutcomeGlyph outcome="reduced" />
                    {t("Reduced to another class")}
                </li>
                <li>
                    <OutcomeGlyph outcome="at_publication" />
                    {t("At publication")}
                </li>
                <li>
                    <OutcomeGlyph outcome="withheld" />
                    {t("Withheld")}
                </li>
                <li>
                    <span className="swatch" />
                    {t("Released")}
                </li>
                {hasBase && (
                    <li>
                        <span className="swatch changed" />
                        {t("Changed")}
                    </li>
                )}
            </ul>
            <span className="muted">
                {rich("Days in UTC. Arrow keys to move, <kbd>Enter</kbd> for reasons", {
                    kbd: (text) => <kbd>{text}</kbd>,
                })}
            </span>
        </div>
    )
}
