/** The results of early testers for the artifacts of a case. */
import { Empty, NoAccess, Waiting } from "../../../kit/notice.tsx"
import { Section } from "../../../kit/table.tsx"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { useCaseResults } from "./reports-reads.ts"
import { ResultsTable } from "./test-results.tsx"
import { t } from "../../../messages/message.ts"

export function TestResultsView({ id }: { id: string }) {
    const whyNot = useWhyNot()("test_result:read")
    const { results, isLoading, error } = useCaseResults(id)
    if (whyNot !== null) return <NoAccess reason={whyNot} />
    return (
        <Section title={t("Test results")} count={results.length}>
            {results.length > 0 && <ResultsTable rows={results} hasArtifact />}
            {results.length === 0 && (isLoading || error !== null) && <Waiting error={error} />}
            {results.length === 0 && !isLoading && error === null && (
                <Empty title={t("No test results yet.")}>
                    {t("Partners of testing tiers report results for rules, indicators and guidance that they hold.")}
                </Empty>
            )}
        </Section>
    )
}
