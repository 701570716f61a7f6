"""The addresses of the ground floor."""

from django.urls import path

from vetting_portal.views import erasure, home, staff

app_name = "portal"
urlpatterns = [
    path("home/", home.home, name="home"),
    path("welcome/", home.welcome, name="welcome"),
    path("example/mail/", home.mail, name="mail"),
    path("components/", home.components, name="components"),
    path("staff/", staff.StaffView.as_view(), name="staff"),
    path("staff/funder/", staff.FunderView.as_view(), name="funder"),
    path("staff/<int:pk>/languages/", staff.LanguagesView.as_view(), name="languages"),
    path("staff/<int:pk>/end/<slug:role>/", staff.EndRoleView.as_view(), name="end_role"),
    path("staff/invitations/<int:pk>/revoke/", staff.RevokeInvitationView.as_view(), name="staff_invitation_revoke"),
    path("staff/join/<str:token>/", staff.JoinStaffView.as_view(), name="join_staff"),
    path("erasure/", erasure.ErasureView.as_view(), name="erasure"),
    path("erasure/<slug:kind>/<int:pk>/", erasure.EraseView.as_view(), name="erase"),
    path("trail/", staff.TrailView.as_view(), name="trail"),
    path("background/", staff.BackgroundView.as_view(), name="background"),
    path("background/<uuid:pk>/again/", staff.TryTaskAgainView.as_view(), name="task_again"),
    path("background/<uuid:pk>/aside/", staff.SetTaskAsideView.as_view(), name="task_aside"),
]
