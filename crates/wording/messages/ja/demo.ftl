# The demonstration.
demo-title = デモの電話とメール
demo-what = ここに並ぶのは、架空の会社の人たちの電話とメールです。本物には何も送りません。
demo-fast = 時間は10倍の速さで進みます。
demo-step-1 = 下の「田中 花子さんとして使う」を押し、ホームで緊急ボタンを押します。
demo-step-2 = この画面を開いておくと、呼び出された人の電話が鳴り、次の人へ広がっていきます。
demo-step-3 = だれかの「返事をする」を開いて引き受けると、呼び出しが止まります。
demo-ringing = 鳴っています
demo-you = いま、この人として使っています
demo-sign-in = { $name }さんとして使う
demo-empty = まだ何も届いていません。
demo-read = 本文
demo-role-last-resort = 部門長・最後の連絡先
demo-role-leads = { $name }の責任者
demo-role-member = { $name }チーム
demo-role-away = { $role }、いま不在
