/** The frame around every console screen: who is signed in, the navigation, the demonstration's clock. */
import { Link, Outlet } from "@tanstack/react-router"
import { has } from "../../trust/identity/access.ts"
import { Access } from "../kit/access.tsx"
import { Frame, SignedOut, isSignedOut, signOut, useLive } from "../kit/app.tsx"
import { useRead } from "../kit/api.ts"
import { Button } from "../kit/button.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Page } from "../kit/table.tsx"
import { Alarms } from "./alarms.tsx"
import type { Me } from "./answers.ts"
import { ClockControl } from "./clock.tsx"
import { ClockNotice } from "./clock-notice.tsx"
import { QuarantineNotice } from "./quarantine.tsx"
import { Viewer, useMe } from "./viewer.tsx"
import { DraftKeeper } from "../kit/draft-scope.tsx"

const screens = [
    { to: "/", name: "Overview", needs: "approval:read" },
    { to: "/cases", name: "Cases", needs: "case:read" },
    { to: "/schedule", name: "Schedule", needs: "wave:read" },
    { to: "/regulatory-clocks", name: "Regulatory clocks", needs: "filing:read" },
    { to: "/partners", name: "Partners", needs: "partner:read" },
    { to: "/applications", name: "Applications", needs: "application:read" },
    { to: "/requirements", name: "Requirements and tiers", needs: "partner:read" },
    { to: "/program-rules", name: "Program rules", needs: "partner:read" },
    { to: "/agreements", name: "Agreement", needs: "agreement:read" },
    { to: "/policies", name: "Policies", needs: "policy:read" },
    { to: "/measures", name: "Measures", needs: "measure:read" },
    { to: "/evidence", name: "Evidence", needs: "evidence:read" },
    { to: "/canaries", name: "Canaries", needs: "canary:read" },
    { to: "/inquiries", name: "Inquiries", needs: "inquiry:read" },
    { to: "/exposure", name: "Exposure", needs: "exposure:read" },
    { to: "/statistics", name: "Statistics", needs: "statistics:read" },
    { to: "/staff", name: "Staff", needs: "staff:read" },
    { to: "/audit-log", name: "Audit log", needs: "audit_log:read" },
]

export function SignedInFrame() {
    const me = useRead<Me>("/api/me")
    useLive(me.data !== undefined && !isSignedOut(me.error))
    if (isSignedOut(me.error)) return <SignedOut />
    return <Loaded of={me}>{(viewer) => <Signed viewer={viewer} />}</Loaded>
}

function Signed({ viewer }: { viewer: Me }) {
    const actor = { kind: "operator" as const, person: viewer.id, roles: viewer.roles }
    const waiting = useRead<{ waiting: readonly unknown[] }>("/api/tasks").data?.waiting.length ?? 0
    const nav = screens
        .filter(({ needs }) => has(actor, needs))
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
