package store_test
import ("testing";"strings";"context";"time";"fmt"
"starling/crdt/store"
"starling/crdt/store/storetest")
func TestRepro(t *testing.T){
 for _, n := range []int{500,1000,2000,4000,100000} {
  s,err := store.Open(context.Background(), t.TempDir(), store.Options{})
  if err!=nil{t.Fatal(err)}
  s.Submit(store.Entry{Doc: storetest.ID(1)})
  s.SetText(storetest.ID(1),"t",strings.Repeat("a b c d e f g h ", n/8))
  s.Flush(context.Background())
  for _, q := range []string{"a","a b c d e f g h"} {
  ctx,c:=context.WithTimeout(context.Background(),20*time.Second)
  st:=time.Now()
  _,_,err=s.Search(ctx,q,5)
  fmt.Println(n,q,time.Since(st),err)
  c()}
  s.Close()
 }
}
