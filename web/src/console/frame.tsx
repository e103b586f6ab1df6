/** The frame of every console screen: the signed-in person, the navigation and the demonstration clock. */
import { Link, Outlet } from "@tanstack/react-router"
import { hasPermission } from "../../../server/src/kernel/permissions.ts"
import { Access } from "../kit/access.tsx"
import { Frame, SignedOut, isSignedOut, signOut, useLive } from "../kit/app.tsx"
import { useRead } from "./api.ts"
import { Button } from "../kit/button.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Page } from "../kit/table.tsx"
import { Alarms } from "./overview/alarms.tsx"
import type { Me } from "./answers.ts"
import { ClockControl } from "./overview/clock.tsx"
import { ClockNotice } from "./overview/clock-notice.tsx"
import { QuarantineNotice } from "./overview/quarantine.tsx"
import { Viewer, useMe } from "./artifacts/viewer.tsx"
import { DraftKeeper } from "../kit/draft-scope.tsx"

const screens = [
    { to: "/", name: "Overview", permission: "approval:read" },
    { to: "/cases", name: "Cases", permission: "case:read" },
    { to: "/schedule", name: "Schedule", permission: "wave:read" },
    { to: "/regulatory-clocks", name: "Regulatory clocks", permission: "filing:read" },
    { to: "/partners", name: "Partners", permission: "partner:read" },
    { to: "/applications", name: "Applications", permission: "application:read" },
    { to: "/requirements", name: "Requirements and tiers", permission: "partner:read" },
    { to: "/program-rules", name: "Program rules", permission: "partner:read" },
    { to: "/agreements", name: "Agreement", permission: "agreement:read" },
    { to: "/policies", name: "Policies", permission: "policy:read" },
    { to: "/measures", name: "Measures", permission: "measure:read" },
    { to: "/evidence", name: "Evidence", permission: "evidence:read" },
    { to: "/canaries", name: "Canaries", permission: "canary:read" },
    { to: "/inquiries", name: "Inquiries", permission: "inquiry:read" },
    { to: "/exposure", name: "Exposure", permission: "exposure:read" },
    { to: "/statistics", name: "Statistics", permission: "statistics:read" },
    { to: "/staff", name: "Staff", permission: "staff:read" },
    { to: "/audit-log", name: "Audit log", permission: "audit_log:read" },
]

export function SignedInFrame() {
    const me = useRead("/api/me")
    useLive(me.data !== undefined && !isSignedOut(me.error))
    if (isSignedOut(me.error)) return <SignedOut />
    return <Loaded query={me}>{(viewer) => <Signed viewer={viewer} />}</Loaded>
}

function Signed({ viewer }: { viewer: Me }) {
    const actor = { kind: "operator" as const, person: viewer.id, roles: viewer.roles }
    const waiting = useRead("/api/tasks").data?.tasks.length ?? 0
    const nav = screens
        .filter(({ permission }) => hasPermission(actor, permission))
        .map(({ to, name }) => ({ to, name, count: to === "/" ? waiting : 0 }))
    const header = (
        <>
            <ClockControl />
            <span className="person">
                <Link to="/me">{viewer.name}</Link>
                <span className="muted">{viewer.roles.join(", ")}</span>
            </span>
            <Button look="quiet" onPress={() => void signOut(viewer.id)}>
                Sign out
            </Button>
        </>
    )
    return (
        <Viewer value={viewer}>
            <Frame side="console" nav={nav} header={header}>
                <DraftKeeper>
                    <Alarms />
                    <QuarantineNotice />
                    <ClockNotice />
                    <Outlet />
                </DraftKeeper>
            </Frame>
        </Viewer>
    )
}

export function MyAccess() {
    const otherwise =
        "Who has none asks whoever added them; those of the founding, `tocsin sign-in-link` on the server."
    return <Access name={useMe().name} otherwise={otherwise} />
}

export function Nowhere() {
    return (
        <Page title="Page not found">
            <Empty title="No page has this address.">
                <Link to="/">Back to the overview</Link>
            </Empty>
        </Page>
    )
}
