/** One piece of evidence: the claim of its attribution, its basis and its custody. */
import { Link } from "@tanstack/react-router"
import { useLook } from "../../api.ts"
import { When, wordsOf } from "../../../kit/instant.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { ActionMenu } from "../../../kit/layout/menu.tsx"
import { Columns, Page } from "../../../kit/layout/page.tsx"
import { Loaded } from "../../../kit/notice.tsx"
import { Badge, Facts, Section } from "../../../kit/table.tsx"
import { clockNames } from "../../../kit/text.ts"
import { useNames } from "../../artifacts/viewer.tsx"
import { OpenInquiry } from "../inquiry/inquiries.tsx"
import { useEvidenceActions } from "./actions.tsx"
import { Attribution, AttributionFacts, IdentifiedPartners } from "./attribution.tsx"
import { InsideSection, SimilarSection, contentName } from "./evidence-parts.tsx"
import { type EvidenceAnswer, nameOfEvidence } from "./evidence-reads.ts"
import { CustodySection, DeletedFacts, NotesSection, SaveOriginal } from "./retention.tsx"
import { t, valueText } from "../../../messages/message.ts"

export function Evidence({ id }: { id: string }) {
    const query = useLook(`/api/evidence/${id}`)
    return (
        <Loaded query={query}>
            {(evidence) => <EvidencePage evidence={evidence} onDone={() => void query.refetch()} />}
        </Loaded>
    )
}

interface PageProps {
    evidence: EvidenceAnswer
    onDone: () => void
}

/** Texts that were public when the leak was observed count against no recipient: they are not attributed. */
function useAttributions({ id, size, content, deletedAt }: EvidenceAnswer) {
    const isStored = size !== null && deletedAt === null
    const similar = useLook(isStored ? `/api/evidence/${id}/similar` : null)
    const isAttributed = content !== null && similar.data !== undefined && similar.data.inPublic?.isPublic !== true
    const attributions = useLook(
        isAttributed ? `/api/attributions?evidence=${id}` : null,
        ({ attributions }) => attributions.length > 0,
    )
    return { similar, attributions, isAttributed }
}

function EvidencePage({ evidence, onDone }: PageProps) {
    const { similar, attributions, isAttributed } = useAttributions(evidence)
    const newest = attributions.data?.attributions[0]
    const onAttributed = () => void attributions.refetch()
    const actions = useEvidenceActions({ evidence, attribution: newest, onDone, onAttributed })
    return (
        <Page
            title={nameOfEvidence(evidence)}
            tabTitle={t("Evidence")}
            path={[{ to: "/leaks/evidence", name: t("Evidence") }]}
            lead={
                <span className="row">
                    <Badge tone={evidence.kind === "leak" ? "bad" : "plain"}>{valueText(evidence.kind)}</Badge>
                    {evidence.source}, {wordsOf(evidence.observedAt)}
                </span>
            }
            aside={
                <>
                    <OpenInquiry evidence={evidence.id} caseId={evidence.case} />
                    {actions.length > 0 && (
                        <ActionMenu label={t("More actions")} className="button" actions={actions}>
                            <Icon name="dots" />
                        </ActionMenu>
                    )}
                </>
            }
        >
            <Columns
                rail={
                    <>
                        {newest !== undefined && <IdentifiedPartners attribution={newest} />}
                        <EvidenceFacts evidence={evidence} />
                        {newest !== undefined && <AttributionFacts attribution={newest} />}
                        <NotesSection evidence={evidence} />
                        <CustodySection evidence={evidence.id} />
                    </>
                }
            >
                <DeletedFacts evidence={evidence} />
                {isAttributed && (
                    <Loaded query={attributions}>
                        {() =>
                            newest === undefined ? (
                                <p aria-busy="true">{t("Tocsin compares the text with each copy…")}</p>
                            ) : (
                                <Attribution attribution={newest} evidence={evidence} />
                            )
                        }
                    </Loaded>
                )}
                {evidence.archive !== null && <InsideSection inside={evidence.archive} />}
                {similar.data !== undefined && <SimilarSection similar={similar.data} />}
            </Columns>
        </Page>
    )
}

function EvidenceFacts({ evidence }: { evidence: EvidenceAnswer }) {
    const names = useNames()
    const { cve, kind, contentType, sha256, size } = evidence
    return (
        <Section title={t("Details")}>
            <Facts
                items={[
                    [t("Case"), evidence.case === null ? t("no case") : <CaseLink key="case" id={evidence.case} />],
                    ...(cve === null ? [] : [[t("CVE id"), cve] as const]),
                    [t("Source"), evidence.source],
                    [t("Observed"), <When key="seen" at={evidence.observedAt} short />],
                    [t("Clock"), clockNames[evidence.clock]],
                    [t("Added"), <When key="added" at={evidence.addedAt} short />],
                    [t("Added by"), evidence.addedBy === null ? "Tocsin" : names.person(evidence.addedBy)],
                    ...(evidence.note === "" ? [] : [[t("Note"), evidence.note] as const]),
                    ...(kind === "canary_touched" ? [[t("Touched copy"), <ToCanaries key="canaries" />] as const] : []),
                    ...(contentType === null ? [] : [[t("Content"), contentName(contentType)] as const]),
                    ...(size === null
                        ? []
                        : [[t("Size"), t("{size, plural, one {# byte} other {# bytes}}", { size })] as const]),
                    ...(sha256 === null ? [] : [["SHA-256", <Hash key="hash" hash={sha256} />] as const]),
                ]}
            />
            {size !== null && evidence.deletedAt === null && (
                <div className="row">
                    <SaveOriginal evidence={evidence} />
                </div>
            )}
        </Section>
    )
}

function CaseLink({ id }: { id: string }) {
    const names = useNames()
    return <Link to={`/cases/${id}`}>{names.case(id)}</Link>
}

function Hash({ hash }: { hash: string }) {
    return <code className="code">{hash}</code>
}

function ToCanaries() {
    return <Link to="/leaks/canaries">{t("in Canaries")}</Link>
}
