/** The reports of a case: one view for protection, sightings, test results, and filings with authorities. */
import type { ReactNode } from "react"
import { useRead } from "../../api.ts"
import { Loaded } from "../../../kit/notice.tsx"
import { type Tab, Tabs } from "../../../kit/layout/tabs.tsx"
import type { Case } from "../../answers.ts"
import { useCan } from "../../artifacts/viewer.tsx"
import { useClocks } from "../../clocks/clock-answers.ts"
import { CasePage } from "../case-page.tsx"
import { withTitle } from "../case-title.ts"
import { ClosingNotice } from "../embargo/closure.tsx"
import { dueFilings } from "../filings/filing-rows.ts"
import { Filings } from "../filings/filings.tsx"
import { ProtectionView } from "./protection.tsx"
import { type ReportsView, useCaseResults, useFollowUps, useSightings } from "./reports-reads.ts"
import { SightingsView } from "./sightings.tsx"
import { TestResultsView } from "./test-results-view.tsx"
import { t } from "../../../messages/message.ts"

interface ReportsScreenProps {
    id: string
    view: ReportsView
    /** The filing that the filings view shows; empty: the next due. */
    clock: string
    filing: string
}

export function ReportsScreen({ id, view, clock, filing }: ReportsScreenProps) {
    const views: Readonly<Record<ReportsView, (subject: Case) => ReactNode>> = {
        protection: (subject) => <ProtectionView subject={subject} />,
        sightings: (subject) => <SightingsView id={subject.id} />,
        tests: (subject) => <TestResultsView id={subject.id} />,
        filings: (subject) => <Filings caseId={subject.id} clock={clock} filing={filing} />,
    }
    return (
        <Loaded query={useRead(`/api/cases/${id}`)}>
            {(subject) => (
                <CasePage subject={withTitle(subject)} tab="reports" part={viewNames[view]}>
                    <ClosingNotice subject={subject} />
                    <ViewTabs id={id} />
                    {views[view](subject)}
                </CasePage>
            )}
        </Loaded>
    )
}

const viewNames: Readonly<Record<ReportsView, string>> = {
    protection: t("Protection"),
    sightings: t("Sightings"),
    tests: t("Test results"),
    filings: t("Filings"),
}

function ViewTabs({ id }: { id: string }) {
    const can = useCan()
    const overdue = useFollowUps(id).data?.followUps.filter(({ state }) => state === "overdue").length ?? 0
    const sightings = useSightings(id).data?.sightings.length ?? 0
    const tests = useCaseResults(id).results.length
    const due = dueFilings(useClocks(id).data?.clocks ?? []).length
    const tab = (view: ReportsView, path: string, count: number, isUrgent = false): Tab => ({
        to: `/cases/${id}/reports${path}`,
        name: viewNames[view],
        count,
        isUrgent,
    })
    return (
        <Tabs
            label={t("Reports")}
            tabs={[
                tab("protection", "", overdue, true),
                tab("sightings", "/sightings", sightings),
                ...(can("test_result:read") ? [tab("tests", "/tests", tests)] : []),
                tab("filings", "/filings", due, true),
            ]}
        />
    )
}
